/** Pages of entries. They never change, so what was read stays, and what is new is asked for from the top. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { followSlide, listEntries, readChoices, readEntry, type EntryFilter } from "../../api/audit";

const PAGE = 100;

export const entriesQuery = (filter: EntryFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", "entries", filter],
    queryFn: ({ pageParam, signal }) => listEntries(filter, pageParam, PAGE, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_before,
    staleTime: 10_000,
  });

export const entryQuery = (index: number) =>
  queryOptions({ queryKey: ["audit", "entry", index], queryFn: ({ signal }) => readEntry(index, signal), retry: false });

export const choicesQuery = queryOptions({
  queryKey: ["audit", "choices"],
  queryFn: ({ signal }) => readChoices(signal),
  staleTime: 60_000,
});

export const lifeQuery = (id: string) => queryOptions({ queryKey: ["audit", "life", id], queryFn: ({ signal }) => followSlide(id, signal) });
