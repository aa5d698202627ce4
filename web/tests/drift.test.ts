/** What the page of scanners and stains asks for, and where its dots lie. */
import { describe, expect, it } from "vitest";
import type { DriftMeasure, LineDrift } from "../src/api/types";
import { chartOf, decodeDrift, driftAskedOf, keyOf, scannerOf, splitsOf, weeksOf } from "../src/capabilities/appraisal/drift_state";

const week = (monday: string, median: number, average: number | null = null, outside = 0) => ({ monday, scans: 30, median, average, outside });
const limits = { begin: "2026-01-05", end: "2026-02-13", days: 30, scans: 300, centre: 1, spread: 0.1, lower: 0.8, upper: 1.2 };
const measure = (weeks: DriftMeasure["weeks"], given: DriftMeasure["limits"] = limits): DriftMeasure => ({ measure: "blur", days: 60, limits: given, weeks, alarm: null });

describe("the address", () => {
  it("keeps what can be and leaves out the rest", () => {
    expect(decodeDrift({ months: "3", from: "2026-01-05", to: "no day", line: "a|b", week: "2026-02-30x" })).toEqual({ months: "3", from: "2026-01-05", line: "a|b" });
    expect(decodeDrift({ months: "7", by: "day" })).toEqual({});
    expect(decodeDrift({ by: "model" })).toEqual({ by: "model" });
  });

  it("states a reference once both of its days are said", () => {
    const today = new Date(2026, 10, 29, 15);
    const asked = driftAskedOf({ from: "2026-01-05" }, today);
    expect(asked).toEqual({ begin: new Date(2025, 10, 29).toISOString(), end: new Date(2026, 10, 30).toISOString() });
    expect(driftAskedOf({ from: "2026-01-05", to: "2026-02-13" }, today)).toMatchObject({ reference_begin: "2026-01-05", reference_end: "2026-02-13" });
    expect(driftAskedOf({ from: "2026-03-05", to: "2026-02-13" }, today)).toEqual(asked);
    expect(driftAskedOf({ by: "model" }, today)).toEqual({ ...asked, by: "model" });
  });
});

describe("a chart", () => {
  it("has time across and values upwards, with the limits in the picture", () => {
    const { medians, averages, band } = chartOf(measure([week("2026-01-05", 0.8), week("2026-01-12", 1, 1, 0), week("2026-01-26", 1.3, 1.25, 2)]), 300, 100);
    expect(medians.map(({ x }) => x)).toEqual([0, 100, 300]);
    expect(medians.map(({ y }) => Math.round(y))).toEqual([100, 60, 0]);
    expect(averages.map(({ isOutside }) => isOutside)).toEqual([false, true]);
    expect(band && [Math.round(band.top), Math.round(band.centre), Math.round(band.bottom)]).toEqual([20, 60, 100]);
  });

  it("of one week without limits lies in the middle", () => {
    expect(chartOf(measure([week("2026-01-05", 0.8)], null), 300, 100)).toEqual({ medians: [{ x: 150, y: 50, monday: "2026-01-05", isOutside: false }], averages: [], band: null });
  });
});

describe("a line", () => {
  const line = { vendor: "Aperio", scanner_model: "", scanner_serial: "S1", stain: "he" };
  const lineOf = (stated: Partial<typeof line>, isJudged = false): LineDrift => ({
    line: { ...line, ...stated },
    stain_name: { en: "H&E", zh: "苏木精-伊红" },
    scans: 60,
    rejected: 0,
    laboratories: [],
    measures: [measure([week("2026-01-05", 0.4)], isJudged ? limits : null)],
  });

  it("may be one of several that differ in what is stated of one scanner", () => {
    const [first, second, unstated, other] = [lineOf({}, true), lineOf({ scanner_serial: "S2" }), lineOf({ scanner_serial: "" }), lineOf({ vendor: "Leica" })];
    expect(splitsOf([first, second, unstated, other])).toEqual([
      { by: "serial", lines: [first, second, unstated], few: 2 },
      { by: "model", lines: [first, other], few: 1 },
    ]);
    expect(splitsOf([first, lineOf({ stain: "pas" }), lineOf({ vendor: "", scanner_serial: "" })])).toEqual([]);
  });

  it("is called by what is stated", () => {
    expect(scannerOf(line)).toBe("Aperio S1");
    expect(keyOf(line)).toBe("Aperio||S1|he");
  });

  it("has its weeks together, the newest first", () => {
    const shown: LineDrift = {
      line,
      stain_name: { en: "H&E", zh: "苏木精-伊红" },
      scans: 60,
      rejected: 1,
      laboratories: [],
      measures: [measure([week("2026-01-05", 0.4), week("2026-01-12", 0.5)]), { ...measure([week("2026-01-12", 1)]), measure: "eosin_strength" }],
    };
    expect(weeksOf(shown).map(({ monday, measures }) => [monday, Object.keys(measures)])).toEqual([
      ["2026-01-12", ["blur", "eosin_strength"]],
      ["2026-01-05", ["blur"]],
    ]);
  });
});
