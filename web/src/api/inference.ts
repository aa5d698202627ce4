import { getJson, sendJson } from "./client";
import type { ModelOffered, ModelRun } from "./types";

const of = (imageId: string) => `/api/inference/images/${imageId}`;

export const listRuns = (signal?: AbortSignal) => getJson<ModelRun[]>("/api/inference/runs", signal);
export const listRunsOf = (imageId: string, signal?: AbortSignal) => getJson<ModelRun[]>(`${of(imageId)}/runs`, signal);
export const listOffered = (imageId: string, signal?: AbortSignal) => getJson<ModelOffered[]>(`${of(imageId)}/models`, signal);
export const startRuns = (imageId: string, version_ids: string[]) => sendJson<ModelRun[]>("POST", `${of(imageId)}/runs`, { version_ids });
export const cancelRun = (id: string) => sendJson<ModelRun>("POST", `/api/inference/runs/${id}/cancel`, {});
export const retryRun = (id: string) => sendJson<ModelRun>("POST", `/api/inference/runs/${id}/retry`, {});
