/** Orders as people type them in. */

/** Of a part, and of smears as many. */
export const MOST_BLOCKS = 100;

export interface PartDraft {
  organ: string;
  description: string;
  blocks: string;
  /** Slides that are made straight from the part. */
  smears: string;
  stains: string;
}

export const EMPTY_PART: PartDraft = { organ: "", description: "", blocks: "1", smears: "0", stains: "H&E" };

/** Stains as they are typed: parted by commas of either language. */
export const stainsOf = (text: string) => text.split(/[,，、;；]/).map((one) => one.trim()).filter(Boolean);

const countOf = (text: string) => Math.min(Math.max(Math.trunc(Number(text)) || 0, 0), MOST_BLOCKS);

/** What the server is asked for: as many blocks and smears, each with a slide for every stain. */
export function partOf({ organ, description, blocks, smears, stains }: PartDraft) {
  const each = (count: string) => Array.from({ length: countOf(count) }, () => stainsOf(stains));
  return { organ, description, smears: each(smears).flat(), blocks: each(blocks) };
}
