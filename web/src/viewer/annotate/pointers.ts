/** What mouse, pen and fingers do on a slide: presses, drags and clicks of one of them at a time, and taps of two fingers. */
import { TwoFingerTap } from "./two_finger_tap";

/** Whoever acts on them. */
export interface Hand {
  /** Something touches the slide, whatever comes of it. */
  onTouch: () => void;
  /** Tells whether it takes hold: the slide then stays where it is, and drags and a release follow. */
  press: (event: PointerEvent) => boolean;
  /** Wherever the pointer was since the last time, in this order. */
  drag: (events: readonly PointerEvent[]) => void;
  release: (event: PointerEvent, clicked: boolean) => void;
  /** Two fingers tapped: what the first of them has begun was not meant. */
  letGo: () => void;
  /** The system took the pointer away. */
  cancel: () => void;
  /** A short press that took hold of nothing. */
  click: (event: PointerEvent) => void;
  hover: (event: PointerEvent) => void;
  leave: () => void;
  /** Two fingers tapped; null where that means nothing. */
  tap: (() => void) | null;
}

const CLICK_PX = 5;

export class Pointers {
  private held: { id: number; isPen: boolean } | null = null;
  private pressed: { x: number; y: number } | null = null;
  private readonly fingers = new TwoFingerTap();
  private readonly listening = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly hand: Hand,
  ) {
    const { signal } = this.listening;
    // Before the library that moves the slide, which takes what is not stopped.
    element.addEventListener("pointerdown", this.onDown, { capture: true, signal });
    element.addEventListener("pointermove", this.onMove, { signal });
    element.addEventListener("pointerup", this.onUp, { capture: true, signal });
    element.addEventListener("pointercancel", this.onCancel, { capture: true, signal });
    element.addEventListener("pointerleave", this.onLeave, { signal });
  }

  destroy(): void {
    this.listening.abort();
  }

  private readonly onDown = (event: PointerEvent) => {
    if (event.pointerType === "touch" && this.held?.isPen) {
      // The palm of a hand that draws.
      event.stopPropagation();
      return;
    }
    if (event.pointerType === "touch" && this.fingers.press(event) > 1) {
      // Two fingers move the slide, or take something back.
      this.pressed = null;
      return;
    }
    this.hand.onTouch();
    this.pressed = { x: event.clientX, y: event.clientY };
    if (this.held || event.button !== 0 || !this.hand.press(event)) return;
    event.stopPropagation();
    this.held = { id: event.pointerId, isPen: event.pointerType === "pen" };
    this.element.setPointerCapture(event.pointerId);
  };

  private readonly onMove = (event: PointerEvent) => {
    if (event.pointerType === "touch") this.fingers.move(event);
    if (!this.held) {
      this.hand.hover(event);
      return;
    }
    if (event.pointerId !== this.held.id) return;
    const all = event.getCoalescedEvents?.() ?? [];
    this.hand.drag(all.length > 0 ? all : [event]);
  };

  private readonly onUp = (event: PointerEvent) => {
    if (event.pointerType === "touch" && this.fingers.release(event) && this.hand.tap) {
      this.pressed = null;
      if (this.held) this.hand.letGo();
      this.held = null;
      this.hand.tap();
      return;
    }
    const clicked = this.pressed !== null && Math.hypot(event.clientX - this.pressed.x, event.clientY - this.pressed.y) < CLICK_PX;
    this.pressed = null;
    if (!this.held || event.pointerId !== this.held.id) {
      if (clicked && event.button === 0) this.hand.click(event);
      return;
    }
    event.stopPropagation();
    this.held = null;
    this.hand.release(event, clicked);
  };

  private readonly onCancel = (event: PointerEvent) => {
    this.fingers.cancel(event);
    this.pressed = null;
    if (!this.held || event.pointerId !== this.held.id) return;
    this.held = null;
    this.hand.cancel();
  };

  private readonly onLeave = () => {
    if (!this.held) this.hand.leave();
  };
}
