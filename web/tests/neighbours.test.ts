import { describe, expect, it } from "vitest";
import type { ImageSummary } from "../src/api/types";
import { findNeighbours } from "../src/capabilities/slides/viewer/find_neighbours";

/** A library of numbered slides that counts what is asked of it. */
function library(total: number) {
  const asked: [number, number][] = [];
  const list = (offset: number, limit: number) => {
    asked.push([offset, limit]);
    const ids = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => String(offset + index));
    return Promise.resolve({ total, items: ids.map((id) => ({ id }) as ImageSummary) });
  };
  return { asked, list };
}

const spelled = async (total: number, id: string, hint: number | null) => {
  const found = await findNeighbours(library(total).list, id, hint);
  return found && [found.previous?.id, found.place, found.next?.id];
};

describe("the slides beside one", () => {
  it("are found with one small question where the slide is still where it was", async () => {
    const { asked, list } = library(12_000);
    const found = await findNeighbours(list, "7000", 7000);
    expect([found?.previous?.id, found?.place, found?.next?.id, found?.total]).toEqual(["6999", 7000, "7001", 12_000]);
    expect(asked).toEqual([[6998, 5]]);
  });

  it("are none past the ends", async () => {
    expect(await spelled(3, "0", 0)).toEqual([undefined, 0, "1"]);
    expect(await spelled(3, "2", 2)).toEqual(["1", 2, undefined]);
    expect(await spelled(1, "0", null)).toEqual([undefined, 0, undefined]);
  });

  it("are found across the edge of what was asked for, and where the hint is wrong or missing", async () => {
    expect(await spelled(1200, "499", null)).toEqual(["498", 499, "500"]);
    expect(await spelled(1200, "500", null)).toEqual(["499", 500, "501"]);
    expect(await spelled(1200, "900", 3)).toEqual(["899", 900, "901"]);
  });

  it("are not looked for without end", async () => {
    const { asked, list } = library(1_000_000);
    expect(await findNeighbours(list, "999999", null)).toBeNull();
    expect(asked.length).toBeLessThan(10);
    expect(await spelled(20, "nowhere", 4)).toBeNull();
  });
});
