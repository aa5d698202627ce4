import { getJson, request, sendJson } from "./client";
import type { KnownEncoder, ModelArchiveChecked, ModelDetail, ModelPublisher, ModelRow, ModelStatus, TrialAsked } from "./types";

const of = (id: string) => `/api/models/versions/${id}`;

export const listModels = (signal?: AbortSignal) => getJson<ModelRow[]>("/api/models/versions", signal);
export const listEncoders = (signal?: AbortSignal) => getJson<KnownEncoder[]>("/api/models/encoders", signal);
export const readModel = (id: string, signal?: AbortSignal) => getJson<ModelDetail>(of(id), signal);
export const setModelStatus = (id: string, status: ModelStatus, reason: string) => sendJson<ModelDetail>("POST", `${of(id)}/status`, { status, reason });
export const acceptLicence = (id: string) => sendJson<ModelDetail>("POST", `${of(id)}/licence`, {});
export const recordValidation = (id: string, trial: TrialAsked) => sendJson<ModelDetail>("POST", `${of(id)}/validations`, trial);
export const addModelArchive = async (file: File) =>
  (await (await request("/api/models/archives", { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } })).json()) as ModelArchiveChecked;
export const readCard = async (id: string, form: string) => (await request(`${of(id)}/${form}`)).blob();
export const listPublishers = (signal?: AbortSignal) => getJson<ModelPublisher[]>("/api/models/publishers", signal);
export const trustPublisher = (public_key: string, name: string) => sendJson<ModelPublisher[]>("POST", "/api/models/publishers", { public_key, name });
export const distrustPublisher = (public_key: string) => sendJson<undefined>("POST", "/api/models/publishers/end", { public_key });
