import { describe, expect, it } from "vitest";
import { barOf, moved, withPlace } from "../src/capabilities/grossing/ruler";

describe("the ruler in a photograph", () => {
  it("has two places, and begins anew with the third", () => {
    const one = withPlace([], { x: 1, y: 2 });
    const two = withPlace(one, { x: 3, y: 4 });
    expect(two).toEqual([{ x: 1, y: 2 }, { x: 3, y: 4 }]);
    expect(withPlace(two, { x: 5, y: 6 })).toEqual([{ x: 5, y: 6 }]);
  });
  it("keeps places within the photograph", () => {
    expect(moved({ x: 1, y: 2 }, -5, 1, 10, 10)).toEqual({ x: 0, y: 3 });
    expect(moved({ x: 9, y: 9 }, 5, 5, 10, 10)).toEqual({ x: 10, y: 10 });
  });
  it("draws a bar of a round length, a third of the photograph at most", () => {
    expect(barOf(3000, 100)).toEqual({ mm: 100, px: 1000 });
    expect(barOf(4000, 25)).toEqual({ mm: 20, px: 800 });
    expect(barOf(1000, 10)).toEqual({ mm: 2, px: 200 });
  });
});
