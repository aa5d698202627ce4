import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

class Kept {
  private readonly entries = new Map<string, string>();

  get length(): number {
    return this.entries.size;
  }

  key = (index: number): string | null => [...this.entries.keys()][index] ?? null;
  getItem = (key: string): string | null => this.entries.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.entries.set(key, value);
  removeItem = (key: string): void => void this.entries.delete(key);
}

const KEY = "hemalum.uploads/li//api/slides/uploads/1";
const HALF = { url: "/api/slides/uploads/1", name: "Nobody, Ann.svs", size: 8000, lastModified: 1, done: 4000 };

let store: typeof import("../src/capabilities/slides/upload/store");
let storage: Kept;
const asked: string[] = [];

/** Stands for the browser's requests: notes what is asked, never answers. */
class Requests {
  upload = { addEventListener: () => undefined };
  open = (method: string, url: string): void => void asked.push(`${method} ${url}`);
  setRequestHeader = (): void => undefined;
  addEventListener = (): void => undefined;
  send = (): void => undefined;
  abort = (): void => undefined;
}

class Hashes {
  addEventListener = (): void => undefined;
  postMessage = (): void => undefined;
  terminate = (): void => undefined;
}

beforeAll(() => {
  vi.stubGlobal("window", { addEventListener: () => undefined });
  vi.stubGlobal("document", { documentElement: { dataset: {} } });
  vi.stubGlobal("XMLHttpRequest", Requests);
  vi.stubGlobal("Worker", Hashes);
});

beforeEach(async () => {
  storage = new Kept();
  asked.length = 0;
  vi.stubGlobal("localStorage", storage);
  vi.resetModules();
  store = await import("../src/capabilities/slides/upload/store");
  storage.setItem(KEY, JSON.stringify(HALF));
});

const entries = () => store.useUploads.getState().entries;
const failed = (error: "full" | "checksum") => {
  const file = new File([new Uint8Array(HALF.size)], HALF.name, { lastModified: 1 });
  store.useUploads.setState({ entries: entries().map((entry) => ({ ...entry, file, state: { kind: "failed", error, said: null } })) });
};

describe("uploads that were not finished", () => {
  it("are shown to who began them, and to nobody who signs in after", () => {
    store.uploadsOf("li");
    expect(entries()).toMatchObject([{ name: HALF.name, url: HALF.url, state: { kind: "paused", done: 4000 } }]);
    store.uploadsOf("wang");
    expect(entries()).toEqual([]);
    store.uploadsOf("li");
    expect(entries()).toHaveLength(1);
  });

  it("go on from where they stood when the server had no space for a while", () => {
    store.uploadsOf("li");
    failed("full");
    store.restartUpload(entries()[0]?.id ?? "");
    expect(entries()[0]?.url).toBe(HALF.url);
    expect(asked).toEqual([`HEAD ${HALF.url}`]);
  });

  it("begin again where what arrived is spoilt, which the server then forgets", () => {
    store.uploadsOf("li");
    failed("checksum");
    store.restartUpload(entries()[0]?.id ?? "");
    expect(asked).toEqual([`DELETE ${HALF.url}`, "POST /api/slides/uploads"]);
    expect(storage.getItem(KEY)).toBeNull();
  });

  it("are forgotten when they are cancelled", () => {
    store.uploadsOf("li");
    store.cancelUpload(entries()[0]?.id ?? "");
    expect([entries().length, storage.length]).toEqual([0, 0]);
  });
});
