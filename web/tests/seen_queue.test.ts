import { describe, expect, it } from "vitest";
import { SeenQueue } from "../src/viewer/seen_queue";

function storage(): Storage {
  const held = new Map<string, string>();
  return {
    get length() { return held.size; },
    key: (index: number) => [...held.keys()][index] ?? null,
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => { held.set(key, value); },
    removeItem: (key: string) => { held.delete(key); },
    clear: () => { held.clear(); },
  };
}

const mark = (...runs: [number, number, number][]) => ({ objective: 10, cell_px: 128, runs });

describe("what was seen and not told", () => {
  it("survives, adds up, and is each person's own", () => {
    const kept = storage();
    new SeenQueue("li", kept).add("a", [mark([0, 0, 4])]);
    new SeenQueue("li", kept).add("a", [mark([0, 0, 4], [1, 0, 2]), { objective: 5, cell_px: 256, runs: [[0, 0, 1]] }]);
    const queue = new SeenQueue("li", kept);
    expect(queue.images()).toEqual(["a"]);
    expect(queue.read("a")).toEqual([mark([0, 0, 4], [1, 0, 2]), { objective: 5, cell_px: 256, runs: [[0, 0, 1]] }]);
    expect(new SeenQueue("wang", kept).images()).toEqual([]);
  });

  it("keeps what came while the server was told", () => {
    const queue = new SeenQueue("li", storage());
    queue.add("a", [mark([0, 0, 4])]);
    const told = queue.read("a");
    queue.add("a", [mark([2, 1, 3])]);
    queue.drop("a", told);
    expect(queue.read("a")).toEqual([mark([2, 1, 3])]);
    queue.drop("a", queue.read("a"));
    expect(queue.images()).toEqual([]);
  });

  it("stands what somebody else wrote, and a browser without room", () => {
    const kept = storage();
    for (const bad of ["{", "3", '[{"objective":1}]', '[{"objective":1,"cell_px":2,"runs":[["a",0,1]]}]']) {
      kept.setItem("hemalum.seen.li.a", bad);
      expect(new SeenQueue("li", kept).read("a")).toEqual([]);
    }
    const full = { ...storage(), setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
    expect(() => { new SeenQueue("li", full).add("a", [mark([0, 0, 1])]); }).not.toThrow();
  });
});
