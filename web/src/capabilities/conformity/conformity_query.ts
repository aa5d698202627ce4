import { queryOptions } from "@tanstack/react-query";
import { listMappings, listSlidesWith, listTerms, listUnknownWords, readConformity, readSlideConformity, type Level } from "../../api/conformity";

/** A mapping is applied to slides by and by, so the figures are asked for anew while somebody looks. */
const ANEW_AFTER_MS = 15_000;

export const reportQuery = queryOptions({
  queryKey: ["conformity", "report"],
  queryFn: ({ signal }) => readConformity(signal),
  refetchInterval: ANEW_AFTER_MS,
});
export const termsQuery = queryOptions({ queryKey: ["conformity", "terms"], queryFn: ({ signal }) => listTerms(signal), staleTime: Infinity });
export const unknownQuery = queryOptions({
  queryKey: ["conformity", "unknown"],
  queryFn: ({ signal }) => listUnknownWords(signal),
  refetchInterval: ANEW_AFTER_MS,
});
export const mappingsQuery = queryOptions({ queryKey: ["conformity", "mappings"], queryFn: ({ signal }) => listMappings(signal) });
export const slidesQuery = (level: Level, element: string | undefined) =>
  queryOptions({ queryKey: ["conformity", "slides", level, element], queryFn: ({ signal }) => listSlidesWith(level, element, signal) });
export const slideQuery = (id: string) =>
  queryOptions({ queryKey: ["conformity", "slide", id], queryFn: ({ signal }) => readSlideConformity(id, signal) });
