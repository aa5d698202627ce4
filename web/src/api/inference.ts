import { queryOptions } from "@tanstack/react-query";
import { getJson, sendJson } from "./client";
import type { FindingsOffered, ModelOffered, ModelRun, RunEngine, VersionsCompared } from "./types";

const of = (imageId: string) => `/api/inference/images/${imageId}`;

export const listRuns = (signal?: AbortSignal) => getJson<ModelRun[]>("/api/inference/runs", signal);
export const listRunsOf = (imageId: string, signal?: AbortSignal) => getJson<ModelRun[]>(`${of(imageId)}/runs`, signal);
export const listOffered = (imageId: string, signal?: AbortSignal) => getJson<ModelOffered[]>(`${of(imageId)}/models`, signal);
export const startRuns = (imageId: string, version_ids: string[]) => sendJson<ModelRun[]>("POST", `${of(imageId)}/runs`, { version_ids });
export const cancelRun = (id: string) => sendJson<ModelRun>("POST", `/api/inference/runs/${id}/cancel`, {});
export const retryRun = (id: string) => sendJson<ModelRun>("POST", `/api/inference/runs/${id}/retry`, {});
export const listEngines = (id: string, signal?: AbortSignal) => getJson<RunEngine[]>(`/api/inference/runs/${id}/engines`, signal);

/** Where a file of a run lies. */
export const runFile = (id: string, form: string) => `/api/inference/runs/${id}/${form}`;

/** Two versions over the slides on which both were run. */
export const comparisonQuery = (first: string, second: string) =>
  queryOptions({
    queryKey: ["comparison", first, second],
    queryFn: ({ signal }) => getJson<VersionsCompared>(`/api/inference/compare?${new URLSearchParams({ first, second })}`, signal),
    retry: false,
  });

const findings = (caseId: string) => `/api/inference/cases/${encodeURIComponent(caseId)}/findings`;

/** Which models have findings for the report of a case; what they found is not told. */
export const offeredFindingsQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["offered-findings", caseId],
    queryFn: ({ signal }) => getJson<FindingsOffered[]>(findings(caseId), signal),
    retry: false,
    gcTime: 60_000,
  });
/** Draws what a model found into the report as a draft; that one asked for it is kept. */
export const revealFindings = (caseId: string, versionId: string) =>
  sendJson<FindingsOffered>("POST", `${findings(caseId)}/${encodeURIComponent(versionId)}`, {});
