import type { Answer, Author, CommandLabel, MarkContent } from "../viewer/annotate/mark";
import type { Transport } from "../viewer/annotate/document";
import type { MarkClass } from "../viewer/annotate/symbols";
import { fileNameOf, getJson, request, sendJson } from "./client";
import type { Sentence } from "./types";

export const EXPORT_FORMATS = ["geojson", "dicom-ann", "dicom-sr", "asap", "csv"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What an import made of a file. */
export interface Imported extends Answer {
  added: number;
  skipped: { what: string; why: Sentence }[];
}

/** One command in the order of the server. */
export interface HistoryEntry {
  sequence: number;
  person: Author;
  at: string;
  label: CommandLabel;
  /** The sequence of the command that this one takes back. */
  undo_of: number | null;
  changes: { id: string; before: MarkContent | null; after: MarkContent | null }[];
}

/** Oldest first. */
export interface HistoryPage {
  total: number;
  offset: number;
  items: HistoryEntry[];
}

const marks = (image: string) => `/api/annotations/images/${encodeURIComponent(image)}`;

const after = (since: number | null) => (since === null ? "" : `?since=${since}`);

export const marksTransport = (image: string): Transport => ({
  read: (since) => getJson<Answer>(marks(image) + after(since)),
  send: (command, since) => sendJson<Answer>("POST", `${marks(image)}/commands${after(since)}`, command),
  undo: (id, since) => sendJson<Answer>("POST", `${marks(image)}/undo${after(since)}`, { id }),
  redo: (id, since) => sendJson<Answer>("POST", `${marks(image)}/redo${after(since)}`, { id }),
});

const readHistory = (image: string, offset: number, limit: number, signal?: AbortSignal) =>
  getJson<HistoryPage>(`${marks(image)}/history?offset=${offset}&limit=${limit}`, signal);

/** The commands before a place in the order, or the last ones. */
export async function readHistoryBefore(image: string, before: number | null, limit: number, signal?: AbortSignal): Promise<HistoryPage> {
  const end = before ?? (await readHistory(image, 0, 1, signal)).total;
  const offset = Math.max(0, end - limit);
  return readHistory(image, offset, Math.max(1, end - offset), signal);
}

export const readClasses = (signal?: AbortSignal) => getJson<MarkClass[]>("/api/annotations/classes", signal);
export const defineClasses = (classes: readonly MarkClass[]) => sendJson<MarkClass[]>("PUT", "/api/annotations/classes", classes);

/** A file to keep, and how many annotations its form cannot hold. */
export interface ExportedFile {
  content: Blob;
  name: string;
  leftOut: number;
}

export async function exportMarks(image: string, format: ExportFormat): Promise<ExportedFile> {
  const response = await request(`${marks(image)}/export?format=${format}`, { headers: { Accept: "*/*" } });
  const name = fileNameOf(response, `annotations.${format}`);
  return { content: await response.blob(), name, leftOut: Number(response.headers.get("x-hemalum-left-out") ?? 0) };
}

export async function importMarks(image: string, file: Blob): Promise<Imported> {
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await request(`${marks(image)}/import?format=auto`, { method: "POST", headers, body: file });
  return (await response.json()) as Imported;
}
