import { describe, expect, it } from "vitest";
import { formatsOf } from "../src/i18n/format";
import { fieldArea, OBJECTIVES, objectiveOf, scaleBar, umPerPxOf } from "../src/viewer/scale";

describe("the scale bar", () => {
  it("is 1, 2 or 5 times a power of ten, as long as fits, never longer", () => {
    for (let umPerPx = 0.003; umPerPx < 200; umPerPx *= 1.037) {
      const { um, px } = scaleBar(umPerPx, 160);
      expect(px).toBeLessThanOrEqual(160 * (1 + 1e-9));
      expect(px).toBeGreaterThan(160 / 2.5 - 1e-9);
      expect(px * umPerPx).toBeCloseTo(um, 9);
      expect(["1", "2", "5"]).toContain(um.toExponential().split("e")[0]);
    }
  });

  it("takes a length that fits exactly", () => {
    expect(scaleBar(0.25, 200)).toEqual({ um: 50, px: 200 });
    expect(scaleBar(0.001, 200)).toEqual({ um: 0.2, px: 200 });
  });
});

describe("objectives", () => {
  it("follow the convention that 40x is 0.25 um in a pixel", () => {
    expect(umPerPxOf(40)).toBe(0.25);
    expect(umPerPxOf(20)).toBe(0.5);
    for (const objective of OBJECTIVES) expect(objectiveOf(umPerPxOf(objective))).toBeCloseTo(objective, 12);
  });

  it("give the area of the field in mm2", () => {
    expect(fieldArea(0.25, 2000, 1000)).toBeCloseTo(0.125, 12);
  });
});

describe("lengths", () => {
  it("are written in the unit that reads best", () => {
    const { length } = formatsOf("en");
    expect(["200\u202fnm", "50\u202fµm", "1.5\u202fmm", "2\u202fcm"]).toEqual([0.2, 50, 1500, 20_000].map(length));
  });
});
