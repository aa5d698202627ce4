/** Orders as people type them in. */

export const MOST_BLOCKS = 100;

export interface PartDraft {
  organ: string;
  description: string;
  blocks: string;
  stains: string;
}

export const EMPTY_PART: PartDraft = { organ: "", description: "", blocks: "1", stains: "H&E" };

/** Stains as they are typed: parted by commas of either language. */
export const stainsOf = (text: string) => text.split(/[,，、;；]/).map((one) => one.trim()).filter(Boolean);

/** What the server is asked for: as many blocks, each with a slide for every stain. */
export function partOf({ organ, description, blocks, stains }: PartDraft) {
  const count = Math.min(Math.max(Math.trunc(Number(blocks)) || 0, 0), MOST_BLOCKS);
  return { organ, description, smears: [], blocks: Array.from({ length: count }, () => stainsOf(stains)) };
}
