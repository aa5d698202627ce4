import { queryOptions } from "@tanstack/react-query";
import { getJson, sendJson } from "./client";
import type { FirstLook, PointFit, PointSet, TriagePoint } from "./types";

export const pointsQuery = queryOptions({
  queryKey: ["triage-points"],
  queryFn: ({ signal }) => getJson<TriagePoint[]>("/api/triage/points", signal),
  retry: false,
});
export const firstLooksQuery = (begin: string, end: string) =>
  queryOptions({
    queryKey: ["first-looks", begin, end],
    queryFn: ({ signal }) => getJson<FirstLook[]>(`/api/triage/first-looks?${new URLSearchParams({ begin, end })}`, signal),
    retry: false,
  });
export const fitPoint = (asked: PointFit) => sendJson<TriagePoint>("POST", "/api/triage/points/fit", asked);
export const setPoint = (asked: PointSet) => sendJson<TriagePoint>("POST", "/api/triage/points", asked);
export const endPoint = (id: string, reason: string) => sendJson<TriagePoint>("POST", `/api/triage/points/${encodeURIComponent(id)}/end`, { reason });
