import { describe, expect, it } from "vitest";
import type { Level } from "../src/api/types";
import { coarsestFirst, gridOf, minPixelRatio, pictureSize, tileAddress, tileAt, tileEdges } from "../src/viewer/pyramid";

function level(number: number, width: number, height: number, downsample: number, tile = 256): Level {
  return {
    number,
    width_px: width,
    height_px: height,
    tile_width_px: tile,
    tile_height_px: tile,
    columns: Math.ceil(width / tile),
    rows: Math.ceil(height / tile),
    downsample,
    derived: false,
    stored: true,
  };
}

const FINE = level(0, 2220, 2967, 1);
const COARSE = level(1, 555, 741, 4.0027);

describe("tiles of a level", () => {
  it("are cut off at the right and bottom edge only", () => {
    expect(pictureSize(FINE, 0, 0)).toEqual({ width: 256, height: 256 });
    expect(pictureSize(FINE, 8, 11)).toEqual({ width: 2220 - 8 * 256, height: 2967 - 11 * 256 });
  });

  it("meet without gap or overlap, to the last bit", () => {
    for (const at of [FINE, COARSE, level(2, 100_003, 99_991, 1.7320508)]) {
      const { columns } = gridOf(at);
      for (let column = 0; column + 1 < columns; column++) {
        expect(tileEdges(at, column, 0).right).toBe(tileEdges(at, column + 1, 0).left);
      }
      expect(tileEdges(at, columns - 1, 0).right).toBe(at.width_px * at.downsample);
    }
  });

  it("are found by the points they hold, also where levels are not powers of two apart", () => {
    for (const at of [FINE, COARSE]) {
      const { columns, rows } = gridOf(at);
      for (let column = 0; column < columns; column++) {
        for (let row = 0; row < rows; row++) {
          const { left, top, right, bottom } = tileEdges(at, column, row);
          expect(tileAt(at, (left + right) / 2, (top + bottom) / 2)).toEqual({ column, row });
        }
      }
    }
  });

  it("outside the level give the nearest tile", () => {
    expect(tileAt(FINE, -10, 1e9)).toEqual({ column: 0, row: 11 });
  });
});

describe("levels", () => {
  it("are ordered from the coarsest", () => {
    expect(coarsestFirst([FINE, COARSE]).map((at) => at.number)).toEqual([1, 0]);
  });

  it("far apart are shrunk further, rather than blown up", () => {
    expect(minPixelRatio([FINE, COARSE])).toBe(0.4);
    expect(minPixelRatio([FINE, level(1, 1110, 1483, 2)])).toBe(0.5);
  });
});

describe("the address of a tile", () => {
  const template = "/tiles/T/{level}/{plane}/{channel}/{row}/{column}";

  it("names level, plane, channel, row and column", () => {
    expect(tileAddress(template, COARSE, 2, "0", 7, 5)).toBe("/tiles/T/1/2/0/5/7");
  });

  it("carries the mix of a composite tile as its query", () => {
    expect(tileAddress(template, FINE, 0, "composite?c=0-ff0000-0-99", 1, 2)).toBe("/tiles/T/0/0/composite/2/1?c=0-ff0000-0-99");
  });
});
