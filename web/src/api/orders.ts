import { queryOptions } from "@tanstack/react-query";
import { getJson, sendJson } from "./client";
import type { PanelsShown, PlacedOrder, PlacedState, WorkCounts, WorkKind, WorkOrder, WorkPage, WorkRequested, WorkState } from "./types";

const ofCase = (id: string) => `/api/orders/cases/${encodeURIComponent(id)}/work`;

export interface BenchListing {
  states: readonly WorkState[];
  work: WorkKind | null;
}

export const panelsQuery = queryOptions({
  queryKey: ["order-panels"],
  queryFn: ({ signal }) => getJson<PanelsShown>("/api/orders/panels", signal),
  staleTime: Infinity,
});
export const caseWorkQuery = (id: string) =>
  queryOptions({ queryKey: ["work", id], queryFn: ({ signal }) => getJson<WorkOrder[]>(ofCase(id), signal) });
export const workCountsQuery = queryOptions({
  queryKey: ["work-counts"],
  queryFn: ({ signal }) => getJson<WorkCounts>("/api/orders/counts", signal),
});

export function listWork({ states, work }: BenchListing, offset: number, limit: number, signal?: AbortSignal): Promise<WorkPage> {
  const asked = new URLSearchParams({ offset: String(offset), limit: String(limit) });
  for (const state of states) asked.append("state", state);
  if (work) asked.set("work", work);
  return getJson<WorkPage>(`/api/orders/work?${asked}`, signal);
}

export const requestWork = (id: string, asked: WorkRequested) => sendJson<WorkOrder[]>("POST", ofCase(id), asked);
export const moveWork = (id: string, state: WorkState, reason: string) =>
  sendJson<WorkOrder>("POST", `/api/orders/work-orders/${encodeURIComponent(id)}/state`, { state, reason });

export const placedQuery = (id: string) =>
  queryOptions({
    queryKey: ["placed", id],
    queryFn: ({ signal }) => getJson<PlacedOrder[]>(`/api/orders/cases/${encodeURIComponent(id)}/placed`, signal),
  });
export const movePlaced = (id: string, state: PlacedState, reason: string) =>
  sendJson<PlacedOrder>("POST", `/api/orders/placed/${encodeURIComponent(id)}/state`, { state, reason });
