/** Which places of a scan are offered to look at. */
import { describe, expect, it } from "vitest";
import { mostBlurred, toldOf } from "../src/capabilities/appraisal/appraisal_query";

const place = (x_px: number, blur: number | null) => ({ x_px, y_px: 0, side_px: 256, blur });

describe("most blurred places", () => {
  it("are few, the worst first, and none without detail", () => {
    const places = [place(0, 0.3), place(1, null), place(2, 0.9), place(3, 0.4), place(4, 0.2), place(5, 0.5)];
    expect(mostBlurred(places).map(({ x_px }) => x_px)).toEqual([2, 5, 3, 0]);
    expect(toldOf(places)).toHaveLength(5);
    expect(mostBlurred([place(0, null)])).toEqual([]);
  });
});
