/** Keys of the viewer, in one table that the handler, the tooltips and the keyboard map all read. */
import { DRAWING_KEYS, TOOL_KEYS, type ToolAction } from "./annotate/keys";
import type { Tool } from "./annotate/drawing";
import { chordOf, KeyBindings, spellChord } from "./bindings";
import { OBJECTIVES, umPerPxOf } from "./scale";
import type { SlideView } from "./slide_view";

const PAN = 0.8;
const FINE_PAN = 0.1;
const ZOOM = 1.5;
const TURN = 90;
const FINE_TURN = 5;

export type ViewerAction =
  | "panLeft"
  | "panRight"
  | "panUp"
  | "panDown"
  | "finePanLeft"
  | "finePanRight"
  | "finePanUp"
  | "finePanDown"
  | "zoomIn"
  | "zoomOut"
  | "objective1"
  | "objective2"
  | "objective3"
  | "objective4"
  | "objective5"
  | "objective6"
  | "fit"
  | "turnLeft"
  | "turnRight"
  | "fineTurnLeft"
  | "fineTurnRight"
  | "upright"
  | "mirror"
  | "focusDown"
  | "focusUp"
  | "bestFocus"
  | "extendedDepth"
  | "channel7"
  | "channel8"
  | "channel9"
  | "channelCells"
  | "walk"
  | "walkBack"
  | "seenMask"
  | "panel"
  | "overview"
  | "tray"
  | "report"
  | "acceptStatement"
  | "rejectStatement"
  | "acceptStatements"
  | "changeStatement"
  | "nextFinding"
  | "previousFinding"
  | "dictate"
  | "nextSlide"
  | "previousSlide"
  | "nextCase"
  | "previousCase"
  | "split"
  | "fourPanes"
  | "alignPanes"
  | "landmarks"
  | "overlay"
  | "swipe"
  | "blink"
  | "link"
  | "sameScale"
  | "otherPane"
  | "detections"
  | "heatmap"
  | "peek"
  | "secondWindow"
  | "dimmer"
  | "palette"
  | "keys"
  | "library"
  | ToolAction;

/** Every action with its keys, parted by spaces: any of them does it. A person may change them (`bindings`). */
export const KEY_MAP: readonly { action: ViewerAction; keys: string }[] = [
  { action: "panLeft", keys: "ArrowLeft" },
  { action: "panRight", keys: "ArrowRight" },
  { action: "panUp", keys: "ArrowUp" },
  { action: "panDown", keys: "ArrowDown" },
  { action: "finePanLeft", keys: "Shift+ArrowLeft" },
  { action: "finePanRight", keys: "Shift+ArrowRight" },
  { action: "finePanUp", keys: "Shift+ArrowUp" },
  { action: "finePanDown", keys: "Shift+ArrowDown" },
  { action: "zoomIn", keys: "+ =" },
  { action: "zoomOut", keys: "- _" },
  { action: "objective1", keys: "1" },
  { action: "objective2", keys: "2" },
  { action: "objective3", keys: "3" },
  { action: "objective4", keys: "4" },
  { action: "objective5", keys: "5" },
  { action: "objective6", keys: "6" },
  { action: "channel7", keys: "7" },
  { action: "channel8", keys: "8" },
  { action: "channel9", keys: "9" },
  { action: "channelCells", keys: "Shift+X" },
  { action: "fit", keys: "0" },
  { action: "walk", keys: "T" },
  { action: "walkBack", keys: "Shift+T" },
  { action: "seenMask", keys: "S" },
  { action: "turnLeft", keys: "Ctrl+ArrowLeft" },
  { action: "turnRight", keys: "Ctrl+ArrowRight" },
  { action: "fineTurnLeft", keys: "Ctrl+Shift+ArrowLeft" },
  { action: "fineTurnRight", keys: "Ctrl+Shift+ArrowRight" },
  { action: "upright", keys: "U" },
  { action: "mirror", keys: "F" },
  { action: "focusDown", keys: "[" },
  { action: "focusUp", keys: "]" },
  { action: "bestFocus", keys: "{" },
  { action: "extendedDepth", keys: "}" },
  { action: "panel", keys: "D" },
  { action: "overview", keys: "Q" },
  { action: "tray", keys: "Z" },
  // R draws a rectangle, as it does in QuPath.
  { action: "report", keys: "Alt+R" },
  // While one writes the report a letter alone would be text; these work there and on the slide.
  { action: "acceptStatement", keys: "Alt+A" },
  { action: "rejectStatement", keys: "Alt+X" },
  { action: "acceptStatements", keys: "Alt+Shift+A" },
  { action: "changeStatement", keys: "Alt+C" },
  { action: "nextFinding", keys: "N Alt+N" },
  { action: "previousFinding", keys: "Shift+N Alt+Shift+N" },
  { action: "dictate", keys: "Alt+M" },
  { action: "nextSlide", keys: "PageDown" },
  { action: "previousSlide", keys: "PageUp" },
  // Browsers keep Ctrl with PageDown for their tabs, unless the app is installed.
  { action: "nextCase", keys: "Ctrl+PageDown Alt+PageDown" },
  { action: "previousCase", keys: "Ctrl+PageUp Alt+PageUp" },
  { action: "split", keys: "X" },
  { action: "fourPanes", keys: "Shift+C" },
  { action: "link", keys: "Y" },
  { action: "sameScale", keys: "E" },
  { action: "otherPane", keys: "`" },
  { action: "alignPanes", keys: "Shift+Y" },
  { action: "landmarks", keys: "Shift+M" },
  { action: "overlay", keys: "Shift+O" },
  { action: "swipe", keys: "Shift+J" },
  { action: "blink", keys: "J" },
  { action: "detections", keys: "H" },
  { action: "heatmap", keys: "C" },
  { action: "peek", keys: "I" },
  { action: "secondWindow", keys: "" },
  { action: "dimmer", keys: "" },
  { action: "palette", keys: "Ctrl+K" },
  { action: "keys", keys: "?" },
  { action: "library", keys: "Escape" },
  ...TOOL_KEYS,
];

/** The keys that are in force. */
export const bindings = new KeyBindings<ViewerAction>(KEY_MAP, DRAWING_KEYS.flatMap(({ keys }) => keys.split(" ")));

/** The tool that a key takes in hand. */
export function toolOf(pressed: Pick<KeyboardEvent, "key" | "code" | "shiftKey">): Tool | null {
  const chord = chordOf({ key: pressed.key, code: pressed.code, shiftKey: pressed.shiftKey, ctrlKey: false, metaKey: false, altKey: false });
  const action = chord === null ? null : bindings.actionOf(chord);
  return action?.startsWith("tool.") ? (action.slice("tool.".length) as Tool) : null;
}

/** The key of an action as people read it; empty where it has none. */
export function keysOf(action: ViewerAction): string {
  return spellChord(bindings.chordsOf(action)[0] ?? "");
}

const OBJECTIVE_KEYS: readonly ViewerAction[] = ["objective1", "objective2", "objective3", "objective4", "objective5", "objective6"];

/** Does what only moves the view. Tells whether the action was one of those. */
export function steer(view: SlideView, action: ViewerAction): boolean {
  switch (action) {
    case "panLeft":
      view.panBy(-PAN, 0);
      return true;
    case "panRight":
      view.panBy(PAN, 0);
      return true;
    case "panUp":
      view.panBy(0, -PAN);
      return true;
    case "panDown":
      view.panBy(0, PAN);
      return true;
    case "finePanLeft":
      view.panBy(-FINE_PAN, 0);
      return true;
    case "finePanRight":
      view.panBy(FINE_PAN, 0);
      return true;
    case "finePanUp":
      view.panBy(0, -FINE_PAN);
      return true;
    case "finePanDown":
      view.panBy(0, FINE_PAN);
      return true;
    case "zoomIn":
      view.zoomBy(ZOOM);
      return true;
    case "zoomOut":
      view.zoomBy(1 / ZOOM);
      return true;
    case "fit":
      view.fit();
      return true;
    case "turnLeft":
      view.rotateBy(-TURN);
      return true;
    case "turnRight":
      view.rotateBy(TURN);
      return true;
    case "fineTurnLeft":
      view.rotateBy(-FINE_TURN);
      return true;
    case "fineTurnRight":
      view.rotateBy(FINE_TURN);
      return true;
    case "upright":
      view.setRotation(0);
      return true;
    case "mirror":
      view.setFlip(!view.flipped);
      return true;
  }
  const objective = OBJECTIVES[OBJECTIVE_KEYS.indexOf(action)];
  if (objective === undefined) return false;
  // Without a physical scale an objective means nothing; the keys then choose shares of full resolution.
  view.zoomTo(view.opening.spacing_um ? umPerPxOf(objective) : 40 / objective);
  return true;
}
