/** The slides before and after one, in the order of the list that the reader came from. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { listImages, thumbnailUrl, type Listing } from "../../../api/slides";
import type { ImageSummary } from "../../../api/types";
import { openingQuery } from "../access/opening";
import { imageQuery } from "../library/images";
import type { ListState } from "../library/library_state";

const WINDOW = 500;
/** A list so long that the slide was not met by then is not searched further: there is a search for that. */
const MOST_WINDOWS = 8;
const KEPT_MS = 60_000;

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

/**
 * Neighbours of a slide. Once the slide itself is `settled`, what the next one needs first is fetched ahead, for readers
 * who came from a list: somebody who followed a link to one slide opens no other.
 */
export function useNeighbours(id: string, origin: ListState, hint: number | null, settled: boolean, wanted = true): Neighbours | null {
  const client = useQueryClient();
  // Only what can be opened.
  const listing: Listing = { q: origin.q ?? "", status: "available", sort: origin.sort ?? "newest" };
  const { data } = useQuery({
    queryKey: ["images", listing, "around", id],
    queryFn: ({ signal }) => findNeighbours((offset, limit) => listImages(listing, offset, limit, signal), id, hint),
    staleTime: 30_000,
    enabled: wanted,
  });
  const next = data?.next?.id;
  useEffect(() => {
    if (!settled || hint === null || next === undefined) return;
    void client.prefetchQuery({ ...openingQuery(next), gcTime: KEPT_MS });
    void client.prefetchQuery(imageQuery(next));
    for (const width of [512, 1024]) new Image().src = thumbnailUrl(next, width);
  }, [client, settled, hint, next]);
  return data ?? null;
}
