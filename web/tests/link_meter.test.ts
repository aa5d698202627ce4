import { describe, expect, it } from "vitest";
import { LinkMeter, type Transfer } from "../src/viewer/link_meter";

/** Tiles of 30 kB, `atOnce` side by side, over a link of so many kilobytes a second. */
function tiles(count: number, speed: number, atOnce: number, from = 0): Transfer[] {
  const bytes = 30_000;
  const lasts = (bytes * atOnce) / speed;
  return Array.from({ length: count }, (_, index) => {
    const begins = from + Math.floor(index / atOnce) * lasts;
    return { from: begins, to: begins + lasts, bytes };
  });
}

describe("the speed of a link", () => {
  it("is that of the link, however many tiles come side by side", () => {
    for (const atOnce of [1, 4, 12]) {
      const meter = new LinkMeter();
      for (const tile of tiles(12, 300, atOnce)) meter.note(tile);
      expect(meter.speed).toBeCloseTo(300, 6);
      expect(meter.isSlow()).toBe(true);
    }
  });

  it("is not judged by a few tiles, nor by empty ones, nor by pauses", () => {
    const meter = new LinkMeter();
    for (const tile of tiles(5, 100, 1)) meter.note(tile);
    for (let at = 0; at < 50; at++) meter.note({ from: at, to: at + 900, bytes: 200 });
    expect([meter.speed, meter.isSlow()]).toEqual([null, false]);
    const paused = new LinkMeter();
    for (let round = 0; round < 10; round++) for (const tile of tiles(2, 2000, 2, round * 60_000)) paused.note(tile);
    expect(paused.speed).toBeCloseTo(2000, 6);
    expect(paused.isSlow()).toBe(false);
  });

  it("changes the verdict only when it changed much, and tells so once", () => {
    const meter = new LinkMeter();
    let told = 0;
    meter.subscribe(() => { told++; });
    for (const [index, speed] of [400, 700, 700, 1200, 700, 700, 400].entries()) {
      for (const tile of tiles(24, speed, 6, index * 1e6)) meter.note(tile);
      expect(meter.isSlow()).toBe([true, true, true, false, false, false, true][index]);
    }
    expect(told).toBe(3);
  });
});
