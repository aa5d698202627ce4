import { describe, expect, it } from "vitest";
import type { LayerManifest } from "../src/api/types";
import { colourAt, GREY, SCALES } from "../src/viewer/layers/colours";
import { DamagedPart, decodeColumn, decodeCounts, decodeOutlines, decodePoints, decodeValues } from "../src/viewer/layers/decode";
import { fieldOf, isSeen, turnOf, type Frame } from "../src/viewer/layers/frame";
import { CellGrid, encloses } from "../src/viewer/layers/grid";
import { HATCHED, LayerOnSlide, NO_VALUE } from "../src/viewer/layers/layer";
import { POINT_RADIUS, rasterAt, shownAt } from "../src/viewer/layers/level";
import { sharesColours } from "../src/viewer/layers/shapes";

/** Puts a part together from its magic and little-endian numbers. */
function part(magic: string, ...pieces: (ArrayBufferView | number)[]): ArrayBuffer {
  const bytes = [...magic].map((letter) => letter.charCodeAt(0));
  for (const piece of pieces) {
    const view = typeof piece === "number" ? new Uint32Array([piece]) : piece;
    bytes.push(...new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
  return new Uint8Array(bytes).buffer;
}

const POINTS = part("HLP1", 2, new Uint32Array([7, 9]), new Uint16Array([0, 65535]), new Uint16Array([32768, 1]), new Uint8Array([3, 0]));
const OUTLINES = part("HLO1", 3, 7, new Float32Array([0.5]), new Uint16Array([3, 0, 4]), new Int16Array([-2, -2, 4, 0, 0, 4, -4, -4, 8, 0, 0, 8, -8, 0]));
const COUNTS = part("HLC1", new Uint16Array([2, 1]), new Uint8Array([5, 0, 0, 0]), new Uint32Array([1, 2, 3, 4_000_000_000]));
const VALUES = part("HLH1", new Uint16Array([2, 0]), new Float32Array([0.5, 0, 0, 1]), new Uint8Array([1, 2, 0, 1]));

describe("parts", () => {
  it("are arrays over the bytes", () => {
    const points = decodePoints(POINTS);
    expect(points.count).toBe(2);
    expect([...points.rows]).toEqual([7, 9]);
    expect([...points.x]).toEqual([0, 65535]);
    expect([...points.y]).toEqual([32768, 1]);
    expect([...points.classes]).toEqual([3, 0]);
    expect([...decodeColumn(part("HLV1", 2, new Float32Array([1.5, NaN])))]).toEqual([1.5, NaN]);
  });

  it("undo the steps of outlines, cell by cell", () => {
    const { starts, corners } = decodeOutlines(OUTLINES);
    expect([...starts]).toEqual([0, 3, 3, 7]);
    expect([...corners]).toEqual([-1, -1, 1, -1, 1, 1, -2, -2, 2, -2, 2, 2, -2, 2]);
  });

  it("keep counts and states", () => {
    expect([...(decodeCounts(COUNTS).planes.get(5) ?? [])]).toEqual([1, 2, 3, 4_000_000_000]);
    expect([...decodeValues(VALUES).states]).toEqual([1, 2, 0, 1]);
  });

  it("are refused when they are cut off or something else", () => {
    for (const [bytes, decode] of [
      [POINTS, decodePoints],
      [OUTLINES, decodeOutlines],
      [COUNTS, decodeCounts],
      [VALUES, decodeValues],
    ] as const) {
      for (const wrong of [new ArrayBuffer(0), bytes.slice(0, 6), bytes.slice(0, -1), part("HLXX", new Uint8Array(bytes.slice(4)))]) {
        expect(() => decode(wrong)).toThrow(DamagedPart);
      }
    }
  });
});

const NUCLEI = { kind: "cells", peak_per_mpx: 4000, diameter_px: 14 } as const;

describe("what is drawn", () => {
  it("depends on the power: counts, then points, then outlines", () => {
    expect([16, 8, 4, 2, 1, 0.5].map((perCss) => shownAt(NUCLEI, perCss))).toEqual(["density", "density", "density", "points", "outlines", "outlines"]);
  });

  it("never covers the slide with points", () => {
    for (let perCss = 0.25; perCss < 64; perCss *= 1.1) {
      if (shownAt(NUCLEI, perCss) === "density") continue;
      expect((NUCLEI.peak_per_mpx / 1e6) * perCss ** 2 * Math.PI * POINT_RADIUS ** 2).toBeLessThan(0.36);
    }
  });

  it("keeps to points where outlines would run into each other", () => {
    expect(shownAt({ kind: "cells", peak_per_mpx: 2400, diameter_px: 28 }, 2)).toBe("points");
    expect(shownAt({ kind: "cells", peak_per_mpx: 2400, diameter_px: 28 }, 1)).toBe("outlines");
  });

  it("has no outlines where the layer has none", () => {
    expect(shownAt({ ...NUCLEI, kind: "points", diameter_px: 0 }, 0.1)).toBe("points");
    expect(shownAt({ ...NUCLEI, kind: "heatmap" }, 0.1)).toBe("heatmap");
  });

  it("takes the level whose bins can be seen", () => {
    const rasters = [32, 64, 128].map((pitch_px, level) => ({ level, pitch_px, most: 1, tiles: [] }));
    expect(rasterAt({ kind: "cells", rasters }, 8)?.level).toBe(0);
    expect(rasterAt({ kind: "cells", rasters }, 16)?.level).toBe(1);
    expect(rasterAt({ kind: "cells", rasters }, 500)?.level).toBe(2);
    expect(rasterAt({ kind: "heatmap", rasters }, 16)?.level).toBe(0);
  });
});

const FRAME: Frame = { width: 800, height: 600, scale: 0.5, centre: { x: 1000, y: 500 }, rotation: 0, flip: false, ratio: 1 };

describe("a frame", () => {
  it("shows the field around its centre, turned or not", () => {
    expect(fieldOf(FRAME)).toEqual({ left: 200, top: -100, right: 1800, bottom: 1100 });
    const turned = fieldOf({ ...FRAME, rotation: 90 });
    expect(turned.right - turned.left).toBeCloseTo(1200);
    expect(isSeen(FRAME, 1799, 500)).toBe(true);
    expect(isSeen({ ...FRAME, rotation: 90 }, 1799, 500)).toBe(false);
  });

  it("turns and mirrors as the tiles are", () => {
    expect(turnOf(FRAME)).toEqual([2 / 800, -0, -0, -2 / 600]);
    expect(turnOf({ ...FRAME, flip: true })[0]).toBe(-2 / 800);
  });
});

describe("finding a cell", () => {
  it("gives the nearest first, and none too far away", () => {
    const points = decodePoints(
      part("HLP1", 3, new Uint32Array([0, 1, 2]), new Uint16Array([1000, 1200, 60000]), new Uint16Array([1000, 1000, 1000]), new Uint8Array(3)),
    );
    const grid = new CellGrid(points);
    expect(grid.near(1150 / 65536, 1000 / 65536, 0.01).map(({ cell }) => cell)).toEqual([1, 0]);
    expect(grid.near(0.5, 0.5, 0.01)).toEqual([]);
    expect(grid.near(-0.001, 1000 / 65536, 0.02)).toHaveLength(2);
  });

  it("knows what an outline holds", () => {
    const outlines = decodeOutlines(OUTLINES);
    expect(encloses(outlines, 2, 1.5, -1.5)).toBe(true);
    expect(encloses(outlines, 0, -0.5, 0.5)).toBe(false);
    expect(encloses(outlines, 1, 0, 0)).toBe(false);
  });
});

describe("colours", () => {
  it("rise in lightness, and zero is none of them", () => {
    for (const name of ["viridis", "cividis"] as const) {
      let before = -1;
      for (let i = 0; i < 256; i += 15) {
        const [r = 0, g = 0, b = 0] = SCALES[name].subarray(4 * i, 4 * i + 3);
        const lightness = 0.2126 * (r / 255) ** 2.2 + 0.7152 * (g / 255) ** 2.2 + 0.0722 * (b / 255) ** 2.2;
        expect(lightness).toBeGreaterThan(before);
        before = lightness;
      }
      expect(colourAt(name, 0)).not.toEqual(GREY);
    }
  });
});

const MANIFEST = {
  id: "one",
  kind: "cells",
  classes: [
    { name: "a", name_zh: null, colour: "#0072b2", shape: "circle", count: 3 },
    { name: "b", name_zh: null, colour: "#e69f00", shape: "square", count: 4 },
  ],
  columns: [],
  count: 7,
  tile_side_px: 1024,
  tiles: [
    [0, 0, 2],
    [0, 1, 5],
    [9, 9, 1],
  ],
  diameter_px: 10,
  peak_per_mpx: 4000,
  raster_side: 2,
  rasters: [{ level: 0, pitch_px: 1024, most: 9, tiles: [[0, 0]] }],
  origin_x_px: 0,
  origin_y_px: 0,
} as unknown as LayerManifest;

/** A layer whose parts come at once. */
function layer(answers: Record<string, ArrayBuffer>) {
  const asked: string[] = [];
  const made = new LayerOnSlide(
    MANIFEST,
    (_, name) => {
      asked.push(name);
      const answer = answers[name];
      return answer ? Promise.resolve(answer) : Promise.reject(new Error("none"));
    },
    () => undefined,
    () => undefined,
  );
  made.on = true;
  return { made, asked };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));
const NEAR: Frame = { ...FRAME, scale: 1, centre: { x: 900, y: 300 } };

describe("a layer", () => {
  it("asks for what the field needs, once, and for nothing while it is off", async () => {
    const { made, asked } = layer({ "points/0/0": POINTS });
    made.on = false;
    made.want(NEAR);
    expect(asked).toEqual([]);
    made.on = true;
    made.want(NEAR);
    made.want(NEAR);
    expect(asked.sort()).toEqual(["outlines/0/0", "outlines/0/1", "points/0/0", "points/0/1"]);
    await settle();
    expect(made.failed).toBe(3);
    made.want(NEAR);
    expect(asked).toHaveLength(4);
    made.retry();
    made.want(NEAR);
    expect(asked).toHaveLength(7);
  });

  it("asks for one column when it is coloured by another value", async () => {
    const { made, asked } = layer({ "points/0/0": POINTS, "points/0/1": POINTS, "outlines/0/0": OUTLINES, "outlines/0/1": OUTLINES });
    made.want(NEAR);
    await settle();
    asked.length = 0;
    made.setLook({ ...made.look, column: 4 });
    made.want(NEAR);
    expect(asked.sort()).toEqual(["column/4/0/0", "column/4/0/1"]);
  });

  it("sums the classes that are on", async () => {
    const counts = part("HLC1", new Uint16Array([2, 2]), new Uint8Array([0, 1, 0, 0]), new Uint32Array([1, 2, 0, 0, 10, 0, 0, 5]));
    const { made } = layer({ "counts/0/0/0": counts });
    const far: Frame = { ...FRAME, scale: 0.05 };
    made.want(far);
    await settle();
    expect([...(made.rasterTilesIn(far)[0]?.values ?? [])]).toEqual([11, 2, 0, 5]);
    expect(made.total).toBe(7);
    made.setLook({ ...made.look, hidden: new Set([1]) });
    expect([...(made.rasterTilesIn(far)[0]?.values ?? [])]).toEqual([1, 2, 0, 0]);
    expect(made.total).toBe(3);
    expect(made.valueAt(far, 1500, 100)).toBe(2);
    expect(made.valueAt(far, 5000, 100)).toBeNull();
  });

  it("tells what a heatmap abstains from", async () => {
    const { made } = layer({ "values/0/0/0": VALUES });
    Object.assign(made, { manifest: { ...MANIFEST, kind: "heatmap" } });
    made.want(FRAME);
    await settle();
    const [tile] = made.rasterTilesIn(FRAME);
    expect([...(tile?.values ?? [])]).toEqual([0.5, Math.fround(HATCHED), Math.fround(NO_VALUE), 1]);
  });
});

describe("signs of classes", () => {
  it("are needed inside of outlines as soon as two classes share a colour", () => {
    const blue = { colour: "#0072b2" };
    expect([sharesColours([blue, { colour: "#e69f00" }]), sharesColours([blue, { colour: "#e69f00" }, blue])]).toEqual([false, true]);
  });
});
