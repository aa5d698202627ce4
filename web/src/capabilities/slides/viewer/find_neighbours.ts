/** Where a slide stands in a list, and what stands beside it. */
import type { ImageSummary } from "../../../api/types";

const WINDOW = 500;
/** A list so long that the slide was not met by then is not searched further: there is a search for that. */
const MOST_WINDOWS = 8;

export interface Neighbours {
  place: number;
  total: number;
  previous: ImageSummary | undefined;
  next: ImageSummary | undefined;
}

type List = (offset: number, limit: number) => Promise<{ total: number; items: ImageSummary[] }>;

/**
 * Finds a slide in a list and what lies on its sides, or null.
 *
 * `hint` is where it was last: it is looked for around there first, then from the start.
 */
export async function findNeighbours(list: List, id: string, hint: number | null): Promise<Neighbours | null> {
  const starts = Array.from({ length: MOST_WINDOWS }, (_, index) => index * WINDOW);
  if (hint !== null) starts.unshift(Math.max(0, hint - 2));
  for (const [attempt, start] of starts.entries()) {
    const { total, items } = await list(start, hint !== null && attempt === 0 ? 5 : WINDOW);
    const index = items.findIndex((item) => item.id === id);
    if (index >= 0) {
      const place = start + index;
      const [before, after] = [items[index - 1], items[index + 1]];
      const previous = before ?? (place > 0 ? (await list(place - 1, 1)).items[0] : undefined);
      const next = after ?? (place + 1 < total ? (await list(place + 1, 1)).items[0] : undefined);
      return { place, total, previous, next };
    }
    if (start + WINDOW >= total && (hint === null || attempt > 0)) return null;
  }
  return null;
}
