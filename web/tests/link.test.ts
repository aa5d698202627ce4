import { describe, expect, it } from "vitest";
import { follow } from "../src/viewer/link";

const turn = (degrees: number, x: number, y: number) => {
  const a = (degrees * Math.PI) / 180;
  return { x: x * Math.cos(a) - y * Math.sin(a), y: x * Math.sin(a) + y * Math.cos(a) };
};

describe("linked panes", () => {
  it("move the same way on the screen, however the slides are turned and zoomed", () => {
    const before = { x: 100, y: 200, z: 0.5, r: 20 };
    const after = { x: 160, y: 170, z: 0.5, r: 20 };
    const other = { x: -40, y: 7, z: 2, r: 290 };
    const moved = follow(before, after, other);
    const lead = turn(before.r, (after.x - before.x) / before.z, (after.y - before.y) / before.z);
    const followed = turn(other.r, (moved.x - other.x) / other.z, (moved.y - other.y) / other.z);
    expect(followed.x).toBeCloseTo(lead.x, 9);
    expect(followed.y).toBeCloseTo(lead.y, 9);
  });

  it("keep their ratio of scale and their difference of turn", () => {
    const moved = follow({ x: 0, y: 0, z: 1, r: 0 }, { x: 0, y: 0, z: 0.25, r: 90 }, { x: 5, y: 5, z: 2, r: 45 });
    expect(moved).toEqual({ x: 5, y: 5, z: 0.5, r: 135 });
  });

  it("do not drift: there and back is where one was", () => {
    const home = { x: 10, y: 20, z: 0.7, r: 33 };
    const away = { x: 900, y: -50, z: 0.1, r: 33 };
    const other = { x: 1, y: 2, z: 1.4, r: 80 };
    const back = follow(away, home, follow(home, away, other));
    expect(back.z).toBeCloseTo(other.z, 12);
    expect(back.r).toBeCloseTo(other.r, 12);
  });
});
