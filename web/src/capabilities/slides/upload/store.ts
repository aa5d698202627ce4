/** All uploads of this browser: the queue, what the panel shows, and what is remembered over a reload. */
import { create } from "zustand";
import { hasherInWorker } from "./hasher";
import { TusUpload, type UploadState } from "./tus";
import { xhrTransport } from "./transport";

const AT_ONCE = 2;
const STORED = "hemalum.uploads";
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

interface Remembered {
  url: string;
  name: string;
  size: number;
  lastModified: number;
  done: number;
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

function remembered(): UploadEntry[] {
  try {
    const list = JSON.parse(localStorage.getItem(STORED) ?? "[]") as Remembered[];
    return list.map(({ done, ...rest }) => ({
      ...rest,
      id: `upload-${++counter}`,
      file: null,
      state: { kind: "paused", done },
      samples: [],
    }));
  } catch {
    return [];
  }
}

const first = remembered();
export const useUploads = create<UploadStore>((set) => ({
  entries: first,
  open: first.length > 0,
  setOpen: (open) => {
    set({ open });
  },
}));

function remember(entries: UploadEntry[]): void {
  const list: Remembered[] = entries
    .filter((entry) => entry.url !== null && entry.state.kind !== "verified" && entry.state.kind !== "failed")
    .map((entry) => ({ url: entry.url ?? "", name: entry.name, size: entry.size, lastModified: entry.lastModified, done: doneOf(entry) }));
  localStorage.setItem(STORED, JSON.stringify(list));
}

function change(id: string, patch: Partial<UploadEntry>): void {
  useUploads.setState(({ entries }) => ({ entries: entries.map((entry) => (entry.id === id ? { ...entry, ...patch } : entry)) }));
}

function onState(id: string, state: UploadState): void {
  const entry = useUploads.getState().entries.find((candidate) => candidate.id === id);
  if (!entry) return;
  const now = performance.now();
  const samples =
    state.kind === "sending"
      ? [...entry.samples.filter((sample) => now - sample.at < SPEED_WINDOW_MS && sample.done <= state.done), { at: now, done: state.done }]
      : [];
  const settled = state.kind !== entry.state.kind;
  change(id, { state, samples });
  if (settled || state.kind === "sending") remember(useUploads.getState().entries);
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
        remember(useUploads.getState().entries);
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
  const entry = useUploads.getState().entries.find((candidate) => candidate.id === id);
  if (!entry || entry.name !== file.name || entry.size !== file.size) return false;
  change(id, { file, lastModified: file.lastModified, state: { kind: "waiting" } });
  startNext();
  return true;
}

export function pauseUpload(id: string): void {
  const entry = useUploads.getState().entries.find((candidate) => candidate.id === id);
  if (!entry) return;
  const upload = running.get(id);
  if (upload) upload.stop(doneOf(entry));
  else change(id, { state: { kind: "paused", done: doneOf(entry) } });
}

export function resumeUpload(id: string): void {
  change(id, { state: { kind: "waiting" } });
  startNext();
}

/** Begins again from nothing after a failure. */
export function restartUpload(id: string): void {
  change(id, { url: null, state: { kind: "waiting" } });
  startNext();
}

export function cancelUpload(id: string): void {
  const entry = useUploads.getState().entries.find((candidate) => candidate.id === id);
  const upload = running.get(id);
  running.delete(id);
  if (upload) void upload.cancel();
  else if (entry?.url && entry.state.kind !== "verified")
    void xhrTransport({ method: "DELETE", url: entry.url, headers: { "Tus-Resumable": "1.0.0", "X-Hemalum": "1" } }).catch(() => undefined);
  useUploads.setState(({ entries }) => ({ entries: entries.filter((candidate) => candidate.id !== id) }));
  remember(useUploads.getState().entries);
  startNext();
}

export function clearFinished(): void {
  useUploads.setState(({ entries }) => ({
    entries: entries.filter((entry) => entry.state.kind !== "verified" && entry.state.kind !== "failed"),
  }));
  remember(useUploads.getState().entries);
}
