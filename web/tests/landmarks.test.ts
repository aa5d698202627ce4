import { describe, expect, it } from "vitest";
import { lyingOnFirst, type Known } from "../src/capabilities/registration/lying";
import { decodeOverlay, encodeOverlay } from "../src/capabilities/registration/overlay_look";
import { keepOnly, panesOf, pathOf, twoOf } from "../src/capabilities/slides/viewer/panes";
import { Landmarks } from "../src/viewer/compare/landmarks";
import { affineMapping, asGrid, decodeGrid, gridMapping, IDENTITY, inverseOf } from "../src/viewer/compare/mapping";

describe("landmarks", () => {
  it("are pairs in whichever order their places are marked", () => {
    const landmarks = new Landmarks();
    landmarks.place("start", [1, 1]);
    landmarks.place("start", [2, 2]);
    expect(landmarks.pairs).toEqual([]);
    landmarks.place("end", [3, 3]);
    landmarks.place("end", [4, 4]);
    landmarks.place("start", [5, 5]);
    expect(landmarks.pairs).toEqual([{ start: [2, 2], end: [3, 3] }, { start: [5, 5], end: [4, 4] }]);
  });

  it("are put elsewhere one side at a time, which is undone as one step", () => {
    const landmarks = new Landmarks([{ start: [0, 0], end: [1, 1] }, { start: [2, 2], end: null }]);
    landmarks.move(0, "end", [5, 5]);
    landmarks.move(1, "end", [6, 6]);
    landmarks.move(9, "end", [7, 7]);
    expect(landmarks.pairs).toEqual([{ start: [0, 0], end: [5, 5] }, { start: [2, 2], end: [6, 6] }]);
    landmarks.undo();
    landmarks.undo();
    expect([landmarks.pairs, landmarks.canUndo]).toEqual([[{ start: [0, 0], end: [1, 1] }], false]);
  });

  it("go back and forth, and what is done after an undo ends what was undone", () => {
    const landmarks = new Landmarks([{ start: [0, 0], end: [0, 0] }]);
    let told = 0;
    const stop = landmarks.subscribe(() => { told++; });
    landmarks.remove(0);
    landmarks.undo();
    expect(landmarks.get()).toHaveLength(1);
    landmarks.redo();
    expect(landmarks.get()).toHaveLength(0);
    landmarks.undo();
    landmarks.place("start", [9, 9]);
    expect([landmarks.canUndo, landmarks.canRedo]).toEqual([true, false]);
    landmarks.redo();
    expect(landmarks.get()).toHaveLength(2);
    stop();
    landmarks.clear();
    expect(told).toBe(5);
  });
});

describe("slides of all panes", () => {
  const shift = (from: string, to: string, x: number): Known => ({ from, to, mapping: affineMapping({ ...IDENTITY, e: x }), source: { by: "chain" }, key: from + to });

  it("lie on the first, straight, backwards or by way of others", () => {
    const lying = lyingOnFirst([null, "a", "b", "c", "d"], [shift("b", "a", 10), shift("b", "c", 5), shift("x", "y", 1)]);
    expect(lying.map((each) => each?.mapping.map([100, 0])[0])).toEqual([undefined, undefined, 90, 95, undefined]);
    expect(lying[2]?.key).not.toBe(lying[3]?.key);
  });

  it("stand in the address, with places that wait", () => {
    expect(panesOf("a/b")).toEqual(["a", "b"]);
    expect(panesOf("a")).toEqual(["a", null]);
    expect(panesOf("a/-/c")).toEqual(["a", null, "c", null]);
    expect(panesOf("a/b/c/d/e")).toHaveLength(4);
    expect(pathOf(panesOf("a/-/c"))).toBe("a/-/c/-");
    expect(twoOf(["a", null, "c", null], 2)).toEqual([0, 2]);
    expect(twoOf(["a", null, "c", null], 0)).toEqual([0, 2]);
    expect(twoOf([null, "b", null, null], 1)).toEqual([0, 1]);
  });

  it("take what the address says of them along", () => {
    const search = keepOnly(new URLSearchParams("q=x&over=b&b.x=1&b.y=2&b.z=3&b.flip=1&a.x=7&a.y=7&a.z=7"), "b.", "");
    expect(search.toString()).toBe("q=x&x=1&y=2&z=3&flip=1");
  });

  it("lie over each other as the address says", () => {
    const search = new URLSearchParams("opacity=0.3&swipe=7");
    expect(decodeOverlay(search)).toEqual({ opacity: 0.3, swipe: null, blink: null });
    encodeOverlay({ opacity: 0.5, swipe: 0.25, blink: "over" }, search);
    expect(search.toString()).toBe("swipe=0.25");
  });
});

describe("displacements", () => {
  it("are read from the form of the node", () => {
    const bytes = new ArrayBuffer(48 + 4 * 8);
    const view = new DataView(bytes);
    new Uint8Array(bytes).set(new TextEncoder().encode("HEMALDG1"));
    [2, 2].forEach((count, at) => { view.setUint32(8 + 4 * at, count, true); });
    [-5, 7, 100, 50].forEach((value, at) => { view.setFloat64(16 + 8 * at, value, true); });
    [0, 0, 10, 0, 0, 20, 0, 0].forEach((value, at) => { view.setFloat32(48 + 4 * at, value, true); });
    const grid = decodeGrid(bytes);
    expect(grid).toMatchObject({ columns: 2, rows: 2, x: -5, y: 7, dx: 100, dy: 50 });
    const [x, y] = gridMapping(IDENTITY, grid).map([45, 32]);
    expect([x, y]).toEqual([expect.closeTo(47.5, 6), expect.closeTo(37, 6)]);
    expect(() => decodeGrid(bytes.slice(0, 20))).toThrow();
  });

  it("are sampled for the screen closely enough, and not at all where none are needed", () => {
    const extent = { width: 4000, height: 3000 };
    expect(asGrid(affineMapping(IDENTITY), extent).grid).toBeNull();
    const values = new Float32Array(2 * 5 * 4).map((_, at) => 30 * Math.sin(at * 1.7));
    const bent = gridMapping({ ...IDENTITY, a: 0.9, e: 40 }, { columns: 5, rows: 4, x: 0, y: 0, dx: 1000, dy: 1000, values });
    expect(asGrid(bent, extent).grid?.values).toBe(values);
    const back = inverseOf(bent);
    const { affine, grid } = asGrid(back, extent);
    const again = grid && gridMapping(affine, grid);
    for (const place of [[100, 100], [1750, 2210], [3990, 2999]] as const) {
      const [[x, y], [u, v]] = [back.map(place), again?.map(place) ?? [NaN, NaN]];
      expect(Math.hypot(x - u, y - v)).toBeLessThan(0.5);
    }
  });
});
