import type { Tool } from "./drawing";
import type { Held } from "./edit";
import type { Mark } from "./mark";

/** What happened, for whoever cannot see it; the shell finds the words. */
export type Notice =
  | { what: "tool"; tool: Tool }
  | { what: "added" | "changed" | "removed" | "selected"; mark: Mark }
  | { what: "vertex"; count: number }
  | Held
  | { what: "cancelled" | "undone" | "redone" | "nothingToUndo" | "nothingToRedo" | "noConnection" | "locked" | "crosses" | "nothingFound" | "mayNotDraw" | "selectFirst" }
  | { what: "shown"; visible: boolean };
