import { getJson, request, sendJson } from "./client";
import type { AuditChoices, AuditEntry, AuditFlag, EntryPage, Glass, SlideLife, Verdict } from "./types";

/** Which entries are asked for, in the words of the server's query. */
export interface EntryFilter {
  from?: string;
  to?: string;
  action?: string;
  outcome?: string;
  person?: string;
  for?: string;
  target?: string;
  flag?: string;
}

const query = (values: object) =>
  new URLSearchParams(Object.entries(values as Record<string, unknown>).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));

export function listEntries(filter: EntryFilter, before: number | null, limit: number, signal?: AbortSignal): Promise<EntryPage> {
  return getJson(`/api/audit/entries?${query({ ...filter, limit, before: before ?? undefined })}`, signal);
}

export const readEntry = (index: number, signal?: AbortSignal) => getJson<AuditEntry>(`/api/audit/entries/${index}`, signal);
export const readChoices = (signal?: AbortSignal) => getJson<AuditChoices>("/api/audit/choices", signal);
export const followSlide = (id: string, signal?: AbortSignal) =>
  getJson<SlideLife>(`/api/audit/slides/${encodeURIComponent(id)}`, signal);
export const listFlags = (onlyOpen: boolean, offset: number, limit: number, signal?: AbortSignal) =>
  getJson<AuditFlag[]>(`/api/audit/flags?${query({ open: onlyOpen, offset, limit })}`, signal);
export const acknowledgeFlag = (id: string, remark: string) =>
  sendJson<AuditFlag>("POST", `/api/audit/flags/${id}/acknowledge`, { remark });
export const listGlass = (onlyOpen: boolean, signal?: AbortSignal) => getJson<Glass[]>(`/api/slides/glass?${query({ open: onlyOpen })}`, signal);
export const reviewGlass = (id: string, verdict: Verdict, remark: string) =>
  sendJson<Glass>("POST", `/api/slides/glass/${id}/review`, { verdict, remark });

export async function erasePerson(person: string): Promise<void> {
  await request(`/api/audit/erasures/${encodeURIComponent(person)}`, { method: "POST" });
}

export const proofUrl = (index: number) => `/api/audit/entries/${index}/proof`;
export const rawUrl = (index: number) => `/api/audit/entries/${index}/raw`;
export const csvUrl = (filter: EntryFilter) => `/api/audit/export.csv?${query(filter)}`;
