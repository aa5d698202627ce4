/** Keys of the viewer, in one table that the handler and the keyboard map both read. */
import { OBJECTIVES, umPerPxOf } from "./scale";
import type { SlideView } from "./slide_view";

const PAN = 0.8;
const FINE_PAN = 0.1;
const ZOOM = 1.5;
const TURN = 90;
const FINE_TURN = 5;

export type ViewerAction =
  | "pan"
  | "finePan"
  | "zoomIn"
  | "zoomOut"
  | "objective"
  | "fit"
  | "turnLeft"
  | "turnRight"
  | "fineTurn"
  | "upright"
  | "mirror"
  | "focusDown"
  | "focusUp"
  | "panel"
  | "overview"
  | "nextSlide"
  | "previousSlide"
  | "split"
  | "link"
  | "sameScale"
  | "otherPane"
  | "detections"
  | "heatmap"
  | "peek"
  | "keys"
  | "library";

/** Every action with its keys as people read them. */
export const KEY_MAP: readonly { action: ViewerAction; keys: string }[] = [
  { action: "pan", keys: "← ↑ → ↓" },
  { action: "finePan", keys: "Shift + ← ↑ → ↓" },
  { action: "zoomIn", keys: "+" },
  { action: "zoomOut", keys: "−" },
  { action: "objective", keys: "1 – 6" },
  { action: "fit", keys: "0" },
  { action: "turnLeft", keys: "," },
  { action: "turnRight", keys: "." },
  { action: "fineTurn", keys: "Shift + , ." },
  { action: "upright", keys: "U" },
  { action: "mirror", keys: "F" },
  { action: "focusDown", keys: "[" },
  { action: "focusUp", keys: "]" },
  { action: "panel", keys: "D" },
  { action: "overview", keys: "O" },
  { action: "nextSlide", keys: "PgDn" },
  { action: "previousSlide", keys: "PgUp" },
  { action: "split", keys: "X" },
  { action: "link", keys: "Y" },
  { action: "sameScale", keys: "E" },
  { action: "otherPane", keys: "`" },
  { action: "detections", keys: "H" },
  { action: "heatmap", keys: "C" },
  { action: "peek", keys: "I" },
  { action: "keys", keys: "?" },
  { action: "library", keys: "Esc" },
];

export function keysOf(action: ViewerAction): string {
  return KEY_MAP.find((entry) => entry.action === action)?.keys ?? "";
}

/** Acts on keys that only move the view. Tells whether the key was one of them. */
export function steer(view: SlideView, event: Pick<KeyboardEvent, "key" | "code" | "shiftKey">): boolean {
  const step = event.shiftKey ? FINE_PAN : PAN;
  const turn = event.shiftKey ? FINE_TURN : TURN;
  // By place on the keyboard, because Shift changes the character.
  if (event.code === "Comma") return view.rotateBy(-turn), true;
  if (event.code === "Period") return view.rotateBy(turn), true;
  switch (event.key) {
    case "ArrowLeft":
      view.panBy(-step, 0);
      return true;
    case "ArrowRight":
      view.panBy(step, 0);
      return true;
    case "ArrowUp":
      view.panBy(0, -step);
      return true;
    case "ArrowDown":
      view.panBy(0, step);
      return true;
    case "+":
    case "=":
      view.zoomBy(ZOOM);
      return true;
    case "-":
    case "_":
      view.zoomBy(1 / ZOOM);
      return true;
    case "0":
      view.fit();
      return true;
    case "u":
    case "U":
      view.setRotation(0);
      return true;
    case "f":
    case "F":
      view.setFlip(!view.flipped);
      return true;
  }
  const objective = /^[1-6]$/.test(event.key) ? OBJECTIVES[Number(event.key) - 1] : undefined;
  if (objective === undefined) return false;
  // Without a physical scale an objective means nothing; the keys then choose shares of full resolution.
  view.zoomTo(view.opening.spacing_um ? umPerPxOf(objective) : 40 / objective);
  return true;
}
