/** The worklist's data: pages of the list on demand, and what is read anew when a case has changed. */
import { keepPreviousData, queryOptions, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { countQueues, searchCases, type CaseListing } from "../../api/cases";
import { CASSETTES } from "../../api/grossing";
import type { CaseDetail, CaseRow, QueueCounts } from "../../api/types";

export const PAGE = 100;
const POLL_MS = 5000;
/** What tells of a case beside its own page. */
const TELLING = ["cases", "case-queues", "case-events", "image-case", CASSETTES];

const pageQuery = (listing: CaseListing, page: number) =>
  queryOptions({
    queryKey: ["cases", listing, page],
    queryFn: () => searchCases(listing, page * PAGE, PAGE),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    // Who is listed is nobody's once the page is left.
    gcTime: 60_000,
  });

export interface ListedCases {
  total: number | null;
  /** Whether a search finds more than `total`, which are not listed. */
  more: boolean;
  at: (index: number) => CaseRow | undefined;
  error: unknown;
  retry: () => void;
}

/** The cases of a listing, of which the pages that hold `first` to `last`, and `also` where not negative, are fetched. */
export function useCases(listing: CaseListing, first: number, last: number, also: number): ListedCases {
  const pages: number[] = [];
  for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last) / PAGE); page++) pages.push(page);
  if (also >= 0 && !pages.includes(Math.floor(also / PAGE))) pages.push(Math.floor(also / PAGE));
  const results = useQueries({ queries: pages.map((page) => pageQuery(listing, page)) });
  const any = results.find((result) => result.data)?.data;
  const loaded = new Map(results.flatMap((result) => (result.data ? [[result.data.offset, result.data] as const] : [])));
  return {
    total: any?.total ?? null,
    more: any?.more ?? false,
    at: (index) => loaded.get(Math.floor(index / PAGE) * PAGE)?.items[index % PAGE],
    error: results.find((result) => result.error && !result.data)?.error ?? null,
    retry: () => {
      for (const result of results) if (result.error) void result.refetch();
    },
  };
}

/** How many cases lie in each queue; when anything changed, what is on the screen is read anew. */
export function useQueues(wanted = true): QueueCounts["counts"] | null {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["case-queues"],
    queryFn: ({ signal }) => countQueues(signal),
    refetchInterval: POLL_MS,
    retry: false,
    enabled: wanted,
  });
  const revision = data?.revision;
  useEffect(() => {
    if (revision === undefined) return;
    for (const key of ["cases", "case", "case-events", "image-case", "work", "placed", "bench", "work-counts"]) void client.invalidateQueries({ queryKey: [key] });
  }, [client, revision]);
  return data?.counts ?? null;
}

/** What follows once the server has changed a case: its page shows the answer, and whatever else tells of it is read anew. */
export function useChangedCase(): (now: CaseDetail) => Promise<unknown> {
  const client = useQueryClient();
  return (now) => {
    client.setQueryData(["case", now.id], now);
    return Promise.all(TELLING.map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}
