import type { Answer, Author, Change, CommandLabel, Mark } from "../viewer/annotate/mark";
import type { Transport } from "../viewer/annotate/document";
import type { MarkClass } from "../viewer/annotate/symbols";
import { getJson, request, sendJson, withPurpose } from "./client";
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
  changes: { op: Change["op"]; id: string; before: Mark | null; after: Mark | null }[];
}

export interface HistoryPage {
  total: number;
  entries: HistoryEntry[];
}

const marks = (image: string) => `/api/annotations/images/${encodeURIComponent(image)}`;

export const marksTransport = (image: string): Transport => ({
  read: (since) => getJson<Answer>(since === null ? marks(image) : `${marks(image)}?since=${since}`),
  send: (command) => sendJson<Answer>("POST", `${marks(image)}/commands`, command),
  undo: () => sendJson<Answer>("POST", `${marks(image)}/undo`, {}),
  redo: () => sendJson<Answer>("POST", `${marks(image)}/redo`, {}),
});

export const readHistory = (image: string, offset: number, limit: number, signal?: AbortSignal) =>
  getJson<HistoryPage>(`${marks(image)}/history?offset=${offset}&limit=${limit}`, signal);
export const readClasses = (signal?: AbortSignal) => getJson<MarkClass[]>("/api/annotations/classes", signal);
export const exportUrl = (image: string, format: ExportFormat) => withPurpose(`${marks(image)}/export?format=${format}`);

export async function importMarks(image: string, file: Blob): Promise<Imported> {
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await request(`${marks(image)}/import?format=auto`, { method: "POST", headers, body: file });
  return (await response.json()) as Imported;
}
