/** Keys of drawing. Letters of tools are those that people know from QuPath, and can be changed (`../keys`). */
import type { Tool } from "./drawing";

export type ToolAction = `tool.${Tool}`;

/** As `KEY_MAP` of the viewer, which they are a part of. */
export const TOOL_KEYS: readonly { action: ToolAction; keys: string }[] = [
  { action: "tool.move", keys: "M" },
  { action: "tool.rectangle", keys: "R" },
  { action: "tool.ellipse", keys: "O" },
  { action: "tool.polygon", keys: "P" },
  { action: "tool.polyline", keys: "V" },
  { action: "tool.line", keys: "L" },
  { action: "tool.arrow", keys: "Shift+L" },
  { action: "tool.ruler", keys: "Shift+R" },
  { action: "tool.points", keys: "." },
  { action: "tool.point", keys: "Shift+P" },
  { action: "tool.brush", keys: "B" },
  { action: "tool.wand", keys: "W" },
];

/** What keys do while one draws or edits. These cannot be changed: they mean what they mean in every such program. */
export const DRAWING_KEYS = [
  { action: "annotate.hold", keys: "Space" },
  { action: "annotate.show", keys: "A" },
  { action: "annotate.place", keys: "Enter" },
  { action: "annotate.nudge", keys: "ArrowLeft ArrowUp ArrowRight ArrowDown" },
  { action: "annotate.edit", keys: "Enter" },
  { action: "annotate.vertex", keys: "Tab N" },
  { action: "annotate.remove", keys: "Backspace Delete" },
  { action: "annotate.erase", keys: "Alt" },
  { action: "annotate.undo", keys: "Ctrl+Z" },
  { action: "annotate.redo", keys: "Ctrl+Shift+Z" },
] as const;
