import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { fileNameOf, getJson, request, sendJson } from "./client";
import type {
  CriticalShown,
  DictationOffered,
  FindingsShown,
  ReportAmendment,
  ReportCheck,
  ReportContent,
  ReportDifference,
  ReportLanguage,
  ReportShown,
  ReportTemplate,
  ReportTemplateRow,
  ReportVersionShown,
} from "./types";

/** How often one looks whether a language model is done. */
const LOOK_EVERY_MS = 4000;

const report = (caseId: string) => `/api/reports/cases/${encodeURIComponent(caseId)}`;

export const reportQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["report", caseId],
    queryFn: ({ signal }) => getJson<ReportShown>(report(caseId), signal),
    retry: false,
    // What it says is of a patient, and nobody's once the page is left.
    gcTime: 60_000,
  });

export const templatesQuery = queryOptions({
  queryKey: ["report-templates"],
  queryFn: ({ signal }) => getJson<ReportTemplateRow[]>("/api/reports/templates", signal),
  staleTime: 300_000,
});

/** The newest of a template, or the very one of a digest that a report was filled into. */
export const templateQuery = (id: string, digest = "") =>
  queryOptions({
    queryKey: ["report-template", id, digest],
    queryFn: ({ signal }) => getJson<ReportTemplate>(`/api/reports/templates/${encodeURIComponent(id)}${digest && `?digest=${digest}`}`, signal),
    staleTime: 300_000,
  });

/** The next version as a draft. Whoever does not know of the newest one is told, and nothing is kept. */
export const saveVersion = (caseId: string, basedOn: number | null, language: ReportLanguage, content: ReportContent, reason: string) =>
  sendJson<ReportVersionShown>("POST", `${report(caseId)}/versions`, { based_on: basedOn, language, content, reason });
export const checkReport = (caseId: string, content: ReportContent) => sendJson<ReportCheck>("POST", `${report(caseId)}/check`, { content });

/** The version that one looked at, by its number and by what it said. */
export interface LookedAt {
  version: number;
  sha256: string;
}

export const handOverReport = (caseId: string, looked: LookedAt) => sendJson("POST", `${report(caseId)}/preliminary`, looked);
export const signReport = (caseId: string, looked: LookedAt, password: string | null) => sendJson("POST", `${report(caseId)}/sign`, { ...looked, password });
export const cosignReport = (caseId: string, looked: LookedAt, password: string | null) => sendJson("POST", `${report(caseId)}/cosign`, { ...looked, password });
export const amendReport = (caseId: string, kind: ReportAmendment, reason: string) => sendJson("POST", `${report(caseId)}/amend`, { kind, reason });
/** Gives up an amendment that is not signed; what was signed before stands again. */
export const withdrawAmendment = (caseId: string, looked: LookedAt, reason: string) => sendJson("POST", `${report(caseId)}/amendment/withdraw`, { ...looked, reason });

export const readDifference = (caseId: string, before: number, after: number, signal?: AbortSignal) =>
  getJson<ReportDifference>(`${report(caseId)}/difference?before=${before}&after=${after}`, signal);
/** One version to be printed or sent; its name tells nothing of the patient. */
export async function printReport(caseId: string, version: number, language: ReportLanguage): Promise<{ content: Blob; name: string }> {
  const response = await request(`${report(caseId)}/versions/${version}.pdf?language=${language}`, { headers: { Accept: "application/pdf, application/problem+json" } });
  return { name: fileNameOf(response, `report-v${version}.pdf`), content: await response.blob() };
}

/** What programs found, the newest first. A version that came meanwhile may have come from there. */
export const findingsQuery = (caseId: string, version: number | null) =>
  queryOptions({
    queryKey: ["report-findings", caseId, version],
    queryFn: ({ signal }) => getJson<FindingsShown[]>(`${report(caseId)}/findings`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.[0]?.wording === "waiting" ? LOOK_EVERY_MS : false),
    retry: false,
    gcTime: 60_000,
  });
export const cancelWording = (caseId: string, id: string) => sendJson<FindingsShown>("POST", `${report(caseId)}/findings/${encodeURIComponent(id)}/cancel`, {});

export const criticalQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["report-critical", caseId],
    queryFn: ({ signal }) => getJson<CriticalShown[]>(`${report(caseId)}/critical`, signal),
    retry: false,
    gcTime: 60_000,
  });
export const listOpenCritical = (signal?: AbortSignal) => getJson<CriticalShown[]>("/api/reports/critical", signal);
const critical = (id: string) => `/api/reports/critical/${encodeURIComponent(id)}`;
export const flagCritical = (caseId: string, statement: string) => sendJson<CriticalShown>("POST", `${report(caseId)}/critical`, { statement });
export const callCritical = (id: string, to: string, wasReached: boolean) => sendJson<CriticalShown>("POST", `${critical(id)}/calls`, { to, was_reached: wasReached });
export const acknowledgeCritical = (id: string, by: string, readBack: string) =>
  sendJson<CriticalShown>("POST", `${critical(id)}/acknowledgement`, { by, read_back: readBack });

/** Whether the node has a speech model. */
export const dictationQuery = queryOptions({
  queryKey: ["dictation"],
  queryFn: ({ signal }) => getJson<DictationOffered>("/api/reports/dictation", signal),
  staleTime: 300_000,
  retry: false,
});

/** The text of a recording. Neither is kept by the node. */
export async function dictate(caseId: string, language: ReportLanguage, audio: Blob, signal: AbortSignal): Promise<string> {
  const response = await request(`${report(caseId)}/dictation?language=${language}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: audio,
    signal,
  });
  return ((await response.json()) as { text: string }).text;
}
