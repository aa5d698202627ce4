/** The slides before and after one, in the order of the list that the reader came from. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { listImages, thumbnailUrl, type Listing } from "../../../api/slides";
import { openingQuery } from "../access/opening";
import { imageQuery } from "../library/images";
import type { ListState } from "../library/library_state";
import { findNeighbours, type Neighbours } from "./find_neighbours";

const KEPT_MS = 60_000;

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
