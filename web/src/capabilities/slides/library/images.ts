/** The library's data: pages of the list on demand, and a cheap watch for changes. */
import { keepPreviousData, queryOptions, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { listImages, readImage, readRevision, type Listing } from "../../../api/slides";
import type { ImageSummary } from "../../../api/types";

export const PAGE = 100;
const BUSY_POLL_MS = 1000;
const IDLE_POLL_MS = 5000;

/** One slide. What was said of the slide before is never kept for it: it would be shown under another one's pixels. */
export const imageQuery = (id: string) => queryOptions({ queryKey: ["image", id], queryFn: ({ signal }) => readImage(id, signal) });

const pageQuery = (listing: Listing, page: number) =>
  queryOptions({
    queryKey: ["images", listing, page],
    queryFn: ({ signal }) => listImages(listing, page * PAGE, PAGE, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export interface Images {
  total: number | null;
  /** Whether a search finds more than `total`, which are not listed. */
  more: boolean;
  at: (index: number) => ImageSummary | undefined;
  error: unknown;
  busy: boolean;
  retry: () => void;
}

/** The slides of a listing, of which the pages that hold `first` to `last`, and `also` where not negative, are fetched. */
export function useImages(listing: Listing, first: number, last: number, also: number): Images {
  const pages: number[] = [];
  for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last) / PAGE); page++) pages.push(page);
  if (also >= 0 && !pages.includes(Math.floor(also / PAGE))) pages.push(Math.floor(also / PAGE));
  const results = useQueries({ queries: pages.map((page) => pageQuery(listing, page)) });
  const any = results.find((result) => result.data)?.data;
  const loaded = new Map(results.flatMap((result) => (result.data ? [[result.data.offset, result.data] as const] : [])));
  const items = [...loaded.values()].flatMap((page) => page.items);
  return {
    total: any?.total ?? null,
    more: any?.more ?? false,
    at: (index) => loaded.get(Math.floor(index / PAGE) * PAGE)?.items[index % PAGE],
    error: results.find((result) => result.error && !result.data)?.error ?? null,
    busy: items.some((item) => item.status === "receiving" || item.status === "hashed"),
    retry: () => {
      for (const result of results) if (result.error) void result.refetch();
    },
  };
}

/** Asks the server whether anything changed, often while something is in progress, and then reads anew. */
export function useRevision(busy: boolean): void {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["revision"],
    queryFn: ({ signal }) => readRevision(signal),
    refetchInterval: busy ? BUSY_POLL_MS : IDLE_POLL_MS,
    retry: false,
  });
  const revision = data?.revision;
  useEffect(() => {
    if (revision === undefined) return;
    void client.invalidateQueries({ queryKey: ["images"] });
    void client.invalidateQueries({ queryKey: ["image"] });
  }, [client, revision]);
}
