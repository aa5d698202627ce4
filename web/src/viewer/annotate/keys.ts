/** Keys of the drawing tools. Letters are those that people know from QuPath. */
import type { Tool } from "./drawing";

interface ToolKey {
  /** The character without Shift, lower case. */
  key: string;
  shift?: boolean;
  /** As people read it. */
  text: string;
}

export const TOOL_KEYS: Readonly<Record<Tool, ToolKey>> = {
  move: { key: "m", text: "M" },
  rectangle: { key: "r", text: "R" },
  ellipse: { key: "o", text: "O" },
  polygon: { key: "p", text: "P" },
  polyline: { key: "v", text: "V" },
  line: { key: "l", text: "L" },
  arrow: { key: "l", shift: true, text: "Shift + L" },
  ruler: { key: "r", shift: true, text: "Shift + R" },
  points: { key: ".", text: "." },
  point: { key: "p", shift: true, text: "Shift + P" },
  brush: { key: "b", text: "B" },
  wand: { key: "w", text: "W" },
};

type Pressed = Pick<KeyboardEvent, "key" | "shiftKey">;

export function toolOf(pressed: Pressed): Tool | null {
  for (const [tool, { key, shift = false }] of Object.entries(TOOL_KEYS) as [Tool, ToolKey][]) {
    if (pressed.key.toLowerCase() === key && pressed.shiftKey === shift) return tool;
  }
  return null;
}

/** Actions of drawing with their keys as people read them, for the list of keys. */
export const DRAWING_KEYS = [
  ...(Object.entries(TOOL_KEYS) as [Tool, ToolKey][]).map(([tool, { text }]) => ({ action: `tool.${tool}` as const, keys: text })),
  { action: "annotate.hold", keys: "Space" },
  { action: "annotate.show", keys: "A" },
  { action: "annotate.place", keys: "Enter" },
  { action: "annotate.nudge", keys: "← ↑ → ↓" },
  { action: "annotate.edit", keys: "Enter" },
  { action: "annotate.vertex", keys: "Tab  N" },
  { action: "annotate.remove", keys: "Backspace" },
  { action: "annotate.erase", keys: "Alt" },
  { action: "annotate.undo", keys: "Ctrl + Z" },
  { action: "annotate.redo", keys: "Ctrl + Shift + Z" },
] as const;

export type DrawingAction = (typeof DRAWING_KEYS)[number]["action"];
