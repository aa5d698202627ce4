/** What the browser remembers of unfinished uploads: by person, for names of files may name patients. */
import type { UploadError, UploadState } from "./tus";

export interface KeptUpload {
  /** Where the server has the first part. */
  url: string;
  name: string;
  size: number;
  lastModified: number;
  done: number;
}

type Shelf = Pick<Storage, "key" | "length" | "getItem">;

export const uploadsPrefix = (person: string) => `hemalum.uploads/${person}/`;

/** Each under a key of its own, so that two windows do not overwrite each other. */
export const uploadKey = (person: string, url: string) => uploadsPrefix(person) + url;

export function keptUploads(person: string, storage: Shelf): KeptUpload[] {
  return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "")
    .filter((key) => key.startsWith(uploadsPrefix(person)))
    .flatMap((key) => {
      try {
        return [JSON.parse(storage.getItem(key) ?? "") as KeptUpload];
      } catch {
        return [];
      }
    });
}

/** Failures after which nothing that the server got of a file is of use. */
const SPOILT: ReadonlySet<UploadError> = new Set(["checksum", "changed", "gone"]);
/** Failures that pass, so that going on later is worth remembering. */
const PASSING: ReadonlySet<UploadError> = new Set(["full", "locked"]);

/** Whether trying again begins from nothing. */
export const isSpoilt = (state: UploadState) => state.kind === "failed" && SPOILT.has(state.error);

/** Whether an upload is remembered over a reload. */
export const isKept = (state: UploadState) => (state.kind === "failed" ? PASSING.has(state.error) : state.kind !== "verified");
