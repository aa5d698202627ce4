import { beforeAll, describe, expect, it, vi } from "vitest";

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

let unsent: typeof import("../src/shell/unsent");

beforeAll(async () => {
  vi.stubGlobal("window", { addEventListener: () => undefined });
  vi.stubGlobal("document", { documentElement: { dataset: {} } });
  unsent = await import("../src/shell/unsent");
});

describe("what waits in the browser", () => {
  const storage = new Kept();
  for (const key of ["hemalum.marks/li/slide-1/a", "hemalum.marks/li/slide-2/b", "hemalum.seen.li.slide-1", "hemalum.marks/liu/slide-1/c", "hemalum.uploads/li//api/slides/uploads/1", "hemalum.uploads/liu//api/slides/uploads/2", "hemalum.theme"]) storage.setItem(key, "{}");

  it("is counted for one person, over all slides", () => {
    expect(unsent.unsentOf("li", storage)).toEqual({ marks: 2, seen: 1, uploads: 1 });
    expect(unsent.unsentOf("wang", storage)).toEqual({ marks: 0, seen: 0, uploads: 0 });
  });

  it("goes with whoever signs out, and nothing of others", () => {
    unsent.forgetUnsent("li", storage);
    expect(unsent.unsentOf("li", storage)).toEqual({ marks: 0, seen: 0, uploads: 0 });
    expect([storage.getItem("hemalum.marks/liu/slide-1/c"), storage.getItem("hemalum.uploads/liu//api/slides/uploads/2"), storage.getItem("hemalum.theme"), storage.length]).toEqual(["{}", "{}", "{}", 3]);
  });
});
