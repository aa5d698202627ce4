/** Kinds of work, what each is done on, and what has to be said of it. */
import type { MaterialShown, WorkKind, WorkState } from "../../api/types";

export const KINDS = [
  "ihc",
  "special_stain",
  "ish",
  "deeper_levels",
  "recut",
  "molecular",
  "further_block",
  "re_embed",
  "re_scan",
  "re_coverslip",
] as const satisfies readonly WorkKind[];

export const NAMED: readonly WorkKind[] = ["ihc", "special_stain", "ish", "molecular"];
/** Of which several are asked for. */
export const COUNTED: readonly WorkKind[] = ["deeper_levels", "recut", "further_block"];
export const OPEN_STATES = ["requested", "accepted", "in_progress"] as const satisfies readonly WorkState[];
export const isUndone = (state: WorkState): boolean => (OPEN_STATES as readonly WorkState[]).includes(state);
export const EXPLAINED: readonly WorkState[] = ["rejected", "cancelled"];
const GONE: readonly string[] = ["lost", "broken", "disposed", "rejected", "cancelled"];

const DONE_ON: Record<WorkKind, readonly MaterialShown["kind"][]> = {
  ihc: ["block"],
  special_stain: ["block"],
  ish: ["block"],
  deeper_levels: ["block"],
  recut: ["block"],
  molecular: ["part", "block", "slide"],
  further_block: ["part"],
  re_embed: ["block"],
  re_scan: ["slide"],
  re_coverslip: ["slide"],
};

/** Pieces that such work can be asked for on. */
export function subjectsOf(material: readonly MaterialShown[], work: WorkKind): MaterialShown[] {
  return material.filter((piece) => DONE_ON[work].includes(piece.kind) && !GONE.includes(piece.stage));
}

/** The piece that is meant where somebody asks at another: the block of a slide, the part of a block. */
export function meantBy(material: readonly MaterialShown[], work: WorkKind, id: string): string | undefined {
  let piece = material.find((one) => one.id === id);
  while (piece && !DONE_ON[work].includes(piece.kind)) piece = material.find((one) => one.id === piece?.parent_id);
  return piece && !GONE.includes(piece.stage) ? piece.id : undefined;
}

/** Where an order may go by whoever has these permissions. */
export function movesOf(next: readonly WorkState[], mayProcess: boolean, mayRequest: boolean): WorkState[] {
  return next.filter((then) => mayProcess || (mayRequest && then === "cancelled"));
}
