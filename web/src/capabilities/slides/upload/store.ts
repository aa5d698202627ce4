/** All uploads of this browser: the queue, what the panel shows, and what is remembered over a reload. */
import { create } from "zustand";
import { countUnsent } from "../../../shell/unsent";
import { hasherInWorker } from "./hasher";
import { isKept, isSpoilt, keptUploads, uploadKey, type KeptUpload } from "./kept";
import { TusUpload, type UploadState } from "./tus";
import { xhrTransport } from "./transport";

const AT_ONCE = 2;
/** Speed is averaged over this time. */
const SPEED_WINDOW_MS = 4000;

export interface UploadEntry {
  id: string;
  name: string;
  size: number;
  lastModified: number;
  url: string | null;
  /** Null after a reload, until the person chooses the file again. */
  file: File | null;
  state: UploadState;
  samples: { at: number; done: number }[];
}

interface UploadStore {
  entries: UploadEntry[];
  open: boolean;
  setOpen: (open: boolean) => void;
}

const running = new Map<string, TusUpload>();
let counter = 0;

export const doneOf = (entry: UploadEntry): number =>
  entry.state.kind === "verified" ? entry.size : "done" in entry.state ? entry.state.done : 0;

/** Bytes per second over the last seconds, or null before there is anything to say. */
export function speedOf(entry: UploadEntry): number | null {
  const [first, last] = [entry.samples[0], entry.samples.at(-1)];
  if (entry.state.kind !== "sending" || !first || !last || last.at - first.at < 300) return null;
  return ((last.done - first.done) / (last.at - first.at)) * 1000;
}

export const useUploads = create<UploadStore>((set) => ({
  entries: [],
  open: false,
  setOpen: (open) => {
    set({ open });
  },
}));

/** Whose uploads these are. */
let owner: string | null = null;

/** Takes up the uploads of `person`; those of whoever was here before stop, and are theirs to go on with. */
export function uploadsOf(person: string): void {
  if (owner === person) return;
  // Those that wait first: one that stops would let the next begin.
  const queued = useUploads.getState().entries.filter(({ id, state }) => state.kind === "waiting" && !running.has(id));
  for (const id of [...queued.map((entry) => entry.id), ...running.keys()]) pauseUpload(id);
  owner = person;
  const entries = keptUploads(person, localStorage).map(({ done, ...rest }): UploadEntry => ({
    ...rest,
    id: `upload-${++counter}`,
    file: null,
    state: { kind: "paused", done },
    samples: [],
  }));
  useUploads.setState({ entries, open: entries.length > 0 });
}

function remember(id: string): void {
  const entry = entryOf(id);
  if (owner === null || !entry || entry.url === null) return;
  const { url, state, name, size, lastModified } = entry;
  const kept: KeptUpload = { url, name, size, lastModified, done: doneOf(entry) };
  if (isKept(state)) localStorage.setItem(uploadKey(owner, url), JSON.stringify(kept));
  else localStorage.removeItem(uploadKey(owner, url));
  countUnsent(owner);
}

/** The upload at this address is over. */
function forget(url: string | null): void {
  if (owner === null || url === null) return;
  localStorage.removeItem(uploadKey(owner, url));
  countUnsent(owner);
}

const entryOf = (id: string) => useUploads.getState().entries.find((entry) => entry.id === id);

function change(id: string, patch: Partial<UploadEntry>): void {
  useUploads.setState(({ entries }) => ({ entries: entries.map((entry) => (entry.id === id ? { ...entry, ...patch } : entry)) }));
}

function onState(id: string, state: UploadState): void {
  const entry = entryOf(id);
  if (!entry) return;
  const now = performance.now();
  const samples =
    state.kind === "sending"
      ? [...entry.samples.filter((sample) => now - sample.at < SPEED_WINDOW_MS && sample.done <= state.done), { at: now, done: state.done }]
      : [];
  const settled = state.kind !== entry.state.kind;
  change(id, { state, samples });
  if (settled || state.kind === "sending") remember(id);
  if (state.kind === "verified" || state.kind === "failed" || state.kind === "paused") {
    running.delete(id);
    startNext();
  }
}

function startNext(): void {
  for (const entry of useUploads.getState().entries) {
    if (running.size >= AT_ONCE) return;
    if (entry.state.kind === "waiting" && entry.file && !running.has(entry.id)) start(entry, entry.file);
  }
}

function start(entry: UploadEntry, file: File): void {
  const upload = new TusUpload(
    file,
    entry.url,
    { transport: xhrTransport, hasher: hasherInWorker, pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    {
      onState: (state) => {
        onState(entry.id, state);
      },
      onAddress: (url) => {
        change(entry.id, { url });
        remember(entry.id);
      },
    },
  );
  running.set(entry.id, upload);
  void upload.run();
}

const isSame = (entry: UploadEntry, file: File) =>
  entry.name === file.name && entry.size === file.size && entry.lastModified === file.lastModified;

/** Queues files. One that was interrupted by a reload goes on where it was. */
export function addFiles(files: readonly File[]): void {
  useUploads.setState(({ entries }) => {
    const list = [...entries];
    for (const file of files) {
      const at = list.findIndex((entry) => entry.file === null && isSame(entry, file));
      const before = list[at];
      if (before) list[at] = { ...before, file, state: { kind: "waiting" } };
      else
        list.push({
          id: `upload-${++counter}`,
          name: file.name,
          size: file.size,
          lastModified: file.lastModified,
          url: null,
          file,
          state: { kind: "waiting" },
          samples: [],
        });
    }
    return { entries: list, open: true };
  });
  startNext();
}

/** Goes on with an interrupted upload; false when `file` is another one. */
export function giveFile(id: string, file: File): boolean {
  const entry = entryOf(id);
  if (!entry || entry.name !== file.name || entry.size !== file.size) return false;
  change(id, { file, lastModified: file.lastModified, state: { kind: "waiting" } });
  startNext();
  return true;
}

export function pauseUpload(id: string): void {
  const entry = entryOf(id);
  if (!entry) return;
  const upload = running.get(id);
  if (upload) upload.stop(doneOf(entry));
  else change(id, { state: { kind: "paused", done: doneOf(entry) } });
}

export function resumeUpload(id: string): void {
  change(id, { state: { kind: "waiting" } });
  startNext();
}

function drop(url: string): void {
  void xhrTransport({ method: "DELETE", url, headers: { "Tus-Resumable": "1.0.0", "X-Hemalum": "1" } }).catch(() => undefined);
}

/** Tries again after a failure: from where it stood, or from nothing where what the server got is spoilt. */
export function restartUpload(id: string): void {
  const entry = entryOf(id);
  if (!entry) return;
  const isLost = isSpoilt(entry.state);
  if (isLost) {
    forget(entry.url);
    if (entry.url) drop(entry.url);
  }
  change(id, { url: isLost ? null : entry.url, state: { kind: "waiting" } });
  startNext();
}

export function cancelUpload(id: string): void {
  const entry = entryOf(id);
  const upload = running.get(id);
  running.delete(id);
  if (upload) void upload.cancel();
  else if (entry?.url && entry.state.kind !== "verified") drop(entry.url);
  useUploads.setState(({ entries }) => ({ entries: entries.filter((candidate) => candidate.id !== id) }));
  forget(entry?.url ?? null);
  startNext();
}

export function clearFinished(): void {
  useUploads.setState(({ entries }) => ({ entries: entries.filter((entry) => entry.state.kind !== "verified") }));
}
