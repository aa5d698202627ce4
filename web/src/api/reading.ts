import type { Mark } from "../viewer/coverage";
import { getJson, request, sendJson, withPurpose } from "./client";
import type { CoverageShown, Reader, ReadingProgress, Reveal } from "./types";

const image = (id: string) => `/api/reading/images/${encodeURIComponent(id)}`;

export const readCoverage = (id: string, signal?: AbortSignal) => getJson<CoverageShown>(`${image(id)}/coverage`, signal);
export const tellSeen = (id: string, marks: readonly Mark[]) => sendJson<ReadingProgress>("POST", `${image(id)}/coverage`, { marks });

/** The same for a page that is about to go: nobody waits for an answer. */
export function tellSeenLeaving(id: string, marks: readonly Mark[]): void {
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ marks }), keepalive: true };
  // What does not arrive is still kept in this browser, and told later.
  void request(`${image(id)}/coverage`, init).catch(() => undefined);
}

export const listProgress = (ids: readonly string[], signal?: AbortSignal) =>
  getJson<ReadingProgress[]>(`/api/reading/progress?${new URLSearchParams(ids.map((id) => ["image", id]))}`, signal);

export const coverageFile = (id: string, format: "json" | "geojson" | "csv") => withPurpose(`${image(id)}/coverage/export?format=${format}`);

export const listReveals = (id: string, signal?: AbortSignal) => getJson<Reveal[]>(`${image(id)}/reveals`, signal);
/** `ago_s` is how long ago it was, where there was no connection meanwhile. */
export const tellReveal = (id: string, told: { subject: string; name: string; ago_s: number }) =>
  sendJson<Reveal>("POST", `${image(id)}/reveals`, told);

export const listReaders = (id: string, signal?: AbortSignal) => getJson<Reader[]>(`${image(id)}/readers`, signal);
export const readerFile = (id: string, person: string, format: "json" | "geojson" | "csv") =>
  `${image(id)}/readers/${encodeURIComponent(person)}/export?format=${format}`;
