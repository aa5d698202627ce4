/** A game controller that moves a slide, by the standard layout of the Gamepad API (W3C, 2024). */
import type { SlideView } from "./slide_view";

const DEAD_ZONE = 0.15;
/** Fields a second with the stick all the way out. */
const PAN_FIELDS_S = 1;
/** How much closer in a second with a trigger all the way in. */
const ZOOM_S = 3;
const PAN_STEP = 0.8;
/** A pause longer than this (a hidden window) is no time in which anything was held. */
const LONGEST_FRAME_S = 0.1;

const BUTTON = { a: 0, leftBumper: 4, rightBumper: 5, leftTrigger: 6, rightTrigger: 7, up: 12, down: 13, left: 14, right: 15 } as const;

export interface GamepadActions {
  nextSlide: () => void;
  previousSlide: () => void;
  nextField: () => void;
}

export class GamepadSteering {
  private readonly held = new Set<number>();
  private before: number | null = null;
  private frame = 0;

  constructor(
    private readonly view: () => SlideView | null,
    private readonly actions: () => GamepadActions,
    private readonly pads: () => (Gamepad | null)[] = () => navigator.getGamepads(),
  ) {
    window.addEventListener("gamepadconnected", this.start);
    if (this.pad()) this.start();
  }

  destroy(): void {
    window.removeEventListener("gamepadconnected", this.start);
    cancelAnimationFrame(this.frame);
  }

  private readonly start = () => {
    cancelAnimationFrame(this.frame);
    const look = (now: number) => {
      if (!this.pad()) {
        this.before = null;
        return;
      }
      this.look(now);
      this.frame = requestAnimationFrame(look);
    };
    this.frame = requestAnimationFrame(look);
  };

  private pad(): Gamepad | null {
    return this.pads().find((one) => one?.connected && one.mapping === "standard") ?? null;
  }

  /** Looks at the controller once, `now` in ms; while one is there, every frame does this. */
  look(now: number): void {
    const pad = this.pad();
    const seconds = this.before === null ? 0 : Math.min((now - this.before) / 1000, LONGEST_FRAME_S);
    this.before = now;
    const view = this.view();
    if (!pad || !document.hasFocus()) return;
    const pressed = (button: number) => {
      const down = pad.buttons[button]?.pressed ?? false;
      const fresh = down && !this.held.has(button);
      if (down) this.held.add(button);
      else this.held.delete(button);
      return fresh;
    };
    const actions = this.actions();
    if (pressed(BUTTON.rightBumper)) actions.nextSlide();
    if (pressed(BUTTON.leftBumper)) actions.previousSlide();
    if (pressed(BUTTON.a)) actions.nextField();
    const steps = [
      [BUTTON.left, -PAN_STEP, 0],
      [BUTTON.right, PAN_STEP, 0],
      [BUTTON.up, 0, -PAN_STEP],
      [BUTTON.down, 0, PAN_STEP],
    ] as const;
    for (const [button, x, y] of steps) if (pressed(button)) view?.panBy(x, y);
    if (!view || seconds === 0) return;
    const [x, y] = [pushed(pad.axes[0]), pushed(pad.axes[1])];
    if (x !== 0 || y !== 0) view.panBy(x * PAN_FIELDS_S * seconds, y * PAN_FIELDS_S * seconds);
    const closer = (pad.buttons[BUTTON.rightTrigger]?.value ?? 0) - (pad.buttons[BUTTON.leftTrigger]?.value ?? 0);
    if (Math.abs(closer) > DEAD_ZONE) view.zoomBy(ZOOM_S ** (closer * seconds));
  }
}

/** How far a stick is out of its dead zone, squared so that small moves are fine. */
function pushed(axis: number | undefined): number {
  const size = Math.abs(axis ?? 0);
  if (size < DEAD_ZONE) return 0;
  const far = Math.min(1, (size - DEAD_ZONE) / (1 - DEAD_ZONE));
  return Math.sign(axis ?? 0) * far * far;
}
