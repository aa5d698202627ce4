import { describe, expect, it } from "vitest";
import type { Level } from "../src/api/types";
import { ringAround, tilesIn, type TilePlace } from "../src/viewer/field_tiles";
import { TileShelf } from "../src/viewer/tile_shelf";

const LEVEL: Level = {
  number: 1,
  width_px: 2000,
  height_px: 1500,
  tile_width_px: 256,
  tile_height_px: 256,
  columns: 8,
  rows: 6,
  downsample: 2,
  derived: false,
  stored: true,
};
const spell = ({ x, y }: TilePlace) => `${x},${y}`;

describe("tiles of a field", () => {
  const field = { left: 1030, top: 600, right: 1900, bottom: 1000 };

  it("are those it touches, from the middle outwards", () => {
    const tiles = tilesIn(LEVEL, 4, { ...field, right: 2500 });
    expect(new Set(tiles.map(spell))).toEqual(new Set(["2,1", "3,1", "4,1"]));
    expect(tiles[0]).toEqual({ level: 4, x: 3, y: 1 });
  });

  it("have one ring around them, cut off at the edge of the level", () => {
    const ring = ringAround(LEVEL, 4, field).map(spell);
    expect(ring).toHaveLength(4 * 3 - 2);
    expect(ring).not.toContain("2,1");
    expect(ringAround(LEVEL, 4, { left: 0, top: 0, right: 10, bottom: 10 }).map(spell).sort()).toEqual(["0,1", "1,0", "1,1"]);
  });

  it("are none past the picture", () => {
    expect(tilesIn(LEVEL, 4, { left: 4100, top: 0, right: 5000, bottom: 10 })).toEqual([]);
    expect(ringAround(LEVEL, 4, { left: -90, top: -90, right: -1, bottom: -1 })).toEqual([]);
  });
});

/** A server that answers when told to. */
function server(size = 10) {
  const asked: string[] = [];
  const cancelled: string[] = [];
  const answers = new Map<string, () => void>();
  const fetchTile = (key: string, signal: AbortSignal) =>
    new Promise<Blob>((resolve, reject) => {
      asked.push(key);
      answers.set(key, () => {
        resolve(new Blob([new Uint8Array(size)]));
      });
      signal.addEventListener("abort", () => {
        cancelled.push(key);
        reject(new Error("cancelled"));
      });
    });
  const answer = async (key: string) => {
    answers.get(key)?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { asked, cancelled, fetchTile, answer };
}

describe("the shelf of tiles", () => {
  it("fetches a few at a time and hands each over once", async () => {
    const { asked, fetchTile, answer } = server();
    const shelf = new TileShelf((key: string) => key, fetchTile, 1000, 100);
    shelf.want(["a", "b", "c"], 2);
    expect(asked).toEqual(["a", "b"]);
    await answer("a");
    expect(asked).toEqual(["a", "b", "c"]);
    expect((await shelf.take("a"))?.size).toBe(10);
    expect(shelf.take("a")).toBeUndefined();
  });

  it("cancels what is not wanted any more, but not what somebody took", async () => {
    const { cancelled, asked, fetchTile, answer } = server();
    const shelf = new TileShelf((key: string) => key, fetchTile, 1000, 100);
    shelf.want(["a", "b", "c"], 2);
    const taken = shelf.take("a");
    shelf.want(["d"], 2);
    await answer("a");
    expect(cancelled).toEqual(["b"]);
    expect((await taken)?.size).toBe(10);
    expect(asked).toEqual(["a", "b", "d"]);
  });

  it("never holds more than it may, and lets the oldest go", async () => {
    const { fetchTile, answer } = server(40);
    const shelf = new TileShelf((key: string) => key, fetchTile, 100, 100);
    shelf.want(["a", "b", "c"], 3);
    for (const key of ["a", "b", "c"]) await answer(key);
    expect(shelf.bytes).toBe(80);
    expect(shelf.take("a")).toBeUndefined();
    expect(shelf.take("c")).toBeDefined();
    shelf.clear();
    expect(shelf.size).toBe(0);
  });
});
