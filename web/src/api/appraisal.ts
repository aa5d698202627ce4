import { queryOptions } from "@tanstack/react-query";
import { getJson } from "./client";
import type { AppraisalShown, DriftLine, DriftShown, DriftSlide } from "./types";

export const readAppraisal = (id: string, signal?: AbortSignal) => getJson<AppraisalShown>(`/api/appraisal/images/${id}`, signal);

/** A time, and the days that limits are learnt from, if any are stated. */
export interface DriftAsked {
  begin: string;
  end: string;
  reference_begin?: string;
  reference_end?: string;
  /** Where serial numbers count for nothing. */
  by?: "model";
}

export const driftQuery = (asked: DriftAsked) =>
  queryOptions({ queryKey: ["drift", asked], queryFn: ({ signal }) => getJson<DriftShown>(`/api/appraisal/drift?${new URLSearchParams({ ...asked })}`, signal), retry: false });
export const driftSlidesQuery = (line: DriftLine, monday: string, by: DriftAsked["by"]) =>
  queryOptions({
    queryKey: ["drift-slides", line, monday, by],
    queryFn: ({ signal }) => getJson<DriftSlide[]>(`/api/appraisal/drift/slides?${new URLSearchParams({ ...line, monday, ...(by && { by }) })}`, signal),
    retry: false,
  });
export const driftTableUrl = (asked: DriftAsked) => `/api/appraisal/drift.csv?${new URLSearchParams({ ...asked })}`;
