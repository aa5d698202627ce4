/** Whether somebody is there: what a page asks for by itself must not keep a session alive that nobody uses. */

const UNATTENDED_MS = 60_000;
const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

let touchedAt = performance.now();

const touched = () => {
  touchedAt = performance.now();
};

/** Begins to notice hands on pointer and keyboard. */
export function watchInputs(target: EventTarget): void {
  for (const type of INPUTS) target.addEventListener(type, touched, { capture: true, passive: true });
}

/** Whether anything was touched within the last minute, a game controller included. */
export function isAttended(now = performance.now(), pads: readonly (Gamepad | null)[] = controllers()): boolean {
  const last = Math.max(touchedAt, ...pads.map((pad) => pad?.timestamp ?? 0));
  return now - last < UNATTENDED_MS;
}

function controllers(): (Gamepad | null)[] {
  return "getGamepads" in navigator ? navigator.getGamepads() : [];
}
