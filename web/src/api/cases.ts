import { queryOptions } from "@tanstack/react-query";
import { fileNameOf, getJson, request, sendJson } from "./client";
import type {
  AccessionAsked,
  CaseDetail,
  CaseEventShown,
  CasePage,
  CaseReader,
  CaseStatus,
  FieldCompared,
  FileField,
  ImageCase,
  LabelForm,
  MaterialStage,
  Priority,
  QueueCounts,
  QueueName,
  RequestShown,
  Subspecialty,
} from "./types";

export interface CaseListing {
  queue: QueueName;
  /** Goes into the body of the request, never into an address: it may be the number of a patient. */
  text: string;
  subspecialty: Subspecialty | null;
  priority: Priority | null;
  /** Whether models order cases of the same priority. */
  by_band: boolean;
}

const caseOf = (id: string) => `/api/cases/cases/${encodeURIComponent(id)}`;
const image = (id: string) => `/api/cases/images/${encodeURIComponent(id)}`;

export const countQueues = (signal?: AbortSignal) => getJson<QueueCounts>("/api/cases/queues", signal);
export const listReaders = (signal?: AbortSignal) => getJson<CaseReader[]>("/api/cases/readers", signal);
export const searchCases = (listing: CaseListing, offset: number, limit: number) =>
  sendJson<CasePage>("POST", "/api/cases/search", { ...listing, offset, limit });

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ["case", id], queryFn: ({ signal }) => getJson<CaseDetail>(caseOf(id), signal) });
export const imageCaseQuery = (id: string) =>
  queryOptions({ queryKey: ["image-case", id], queryFn: ({ signal }) => getJson<ImageCase>(image(id), signal), retry: false });

export const accessionCase = (asked: AccessionAsked) => sendJson<CaseDetail>("POST", "/api/cases/cases", asked);
export const readRequest = (id: string, signal?: AbortSignal) => getJson<RequestShown>(`${caseOf(id)}/request`, signal);
export const listCaseEvents = (id: string, signal?: AbortSignal) => getJson<CaseEventShown[]>(`${caseOf(id)}/events`, signal);
export const triageCase = (id: string, asked: { priority?: Priority; subspecialty?: Subspecialty; due_at?: string }) => sendJson<CaseDetail>("PATCH", caseOf(id), asked);
export const assignCase = (id: string, person: string | null, reason: string) =>
  sendJson<CaseDetail>("POST", `${caseOf(id)}/assignment`, { person_id: person, reason });
export const moveCase = (id: string, status: CaseStatus, reason: string) =>
  sendJson<CaseDetail>("POST", `${caseOf(id)}/status`, { status, reason });
/** A part has no parent; a block is of a part, a slide of a block. */
export const addMaterial = (id: string, parent: string | null, description: string, organ = "") =>
  sendJson<CaseDetail>("POST", `${caseOf(id)}/material`, { parent_id: parent, description, organ });
/** A slide straight from a part. */
export const addSmear = (id: string, part: string, stain: string) =>
  sendJson<CaseDetail>("POST", `${caseOf(id)}/material`, { parent_id: part, description: stain, is_smear: true });
/** A file for a printer. Pieces that were planned are labelled from then on. */
export async function printLabels(id: string, material: readonly string[], form: LabelForm, dpi: 203 | 300 | 600): Promise<{ content: Blob; name: string }> {
  const body = JSON.stringify({ material_ids: material, form, dpi });
  const response = await request(`${caseOf(id)}/labels`, { method: "POST", headers: { "Content-Type": "application/json", Accept: "*/*" }, body });
  return { content: await response.blob(), name: fileNameOf(response, `labels.${form}`) };
}
export const moveMaterial = (id: string, stage: MaterialStage, reason: string) =>
  sendJson<CaseDetail>("POST", `/api/cases/material/${encodeURIComponent(id)}/stage`, { stage, reason });

export const linkImage = (id: string, identifier: string) => sendJson<CaseDetail>("PUT", image(id), { identifier });
export async function unlinkImage(id: string, reason: string): Promise<void> {
  await request(`${image(id)}/unlink`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reason }) });
}

/** Each call is an entry in the log. */
export const compareImage = (id: string) => getJson<FieldCompared[]>(`${image(id)}/comparison`);
export const takeOver = (id: string, fields: readonly FileField[]) => sendJson<FieldCompared[]>("POST", `${image(id)}/take-over`, { fields });
