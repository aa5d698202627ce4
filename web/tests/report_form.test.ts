import { describe, expect, it } from "vitest";
import type { ReportCondition, ReportElement } from "../src/api/types";
import { answered, byDigit, fillIn, holds, numberOf, toggled } from "../src/capabilities/reports/form";

const options = (...ids: string[]) => ids.map((id) => ({ id, label: { en: id, zh: id }, code: "" }));
const when = (condition: Partial<ReportCondition>): ReportCondition => ({
  element: "",
  one_of: [],
  none_of: [],
  is_yes: null,
  at_least: null,
  below: null,
  more_than: "",
  is_stated: null,
  all: [],
  any: [],
  ...condition,
});
const element = (id: string, more: Partial<ReportElement> = {}): ReportElement => ({
  id,
  kind: "text",
  label: { en: id, zh: id },
  options: [],
  unit: "",
  minimum: null,
  maximum: null,
  required: false,
  required_when: null,
  shown_when: null,
  computed_from: [],
  source: null,
  is_unverified: false,
  ...more,
});

const type = element("type", { kind: "choice", options: options("none", "tubular", "mixed"), required: true });
const size = element("size", { kind: "number", unit: "mm", shown_when: when({ element: "type", none_of: ["none"] }), required_when: when({ element: "type", one_of: ["mixed"] }) });
const grade = element("grade", { kind: "choice", options: options("low", "high"), computed_from: ["size"], shown_when: when({ element: "size", is_stated: true }) });
const margin = element("margin", { kind: "yes_no", shown_when: when({ element: "grade", one_of: ["high"] }), required: true });
const ELEMENTS = [type, size, grade, margin];
const ids = (elements: readonly ReportElement[]) => elements.map(({ id }) => id);

describe("a condition", () => {
  const values = { type: "mixed", stains: ["he", "pas"], size: 12, other: 7, margin: false };
  it.each<[Parameters<typeof holds>[0], boolean]>([
    [{ element: "type", one_of: ["tubular", "mixed"] }, true],
    [{ element: "type", none_of: ["mixed"] }, false],
    [{ element: "stains", one_of: ["pas"] }, true],
    [{ element: "stains", none_of: ["pas"] }, false],
    [{ element: "margin", is_yes: false }, true],
    [{ element: "margin", is_yes: true }, false],
    [{ element: "size", at_least: 12 }, true],
    [{ element: "size", below: 12 }, false],
    [{ element: "size", more_than: "other" }, true],
    [{ element: "other", more_than: "size" }, false],
    [{ element: "size", more_than: "unstated" }, false],
    [{ element: "type", at_least: 1 }, false],
    [{ element: "unstated", none_of: ["x"] }, false],
    [{ element: "unstated", is_stated: false }, true],
    [{ element: "type", is_stated: false }, false],
    [{ all: [{ element: "type", one_of: ["mixed"] }, { element: "margin", is_yes: true }] }, false],
    [{ any: [{ element: "type", one_of: ["mixed"] }, { element: "margin", is_yes: true }] }, true],
    [{}, true],
  ])("%j is %s", (condition, expected) => {
    expect(holds(condition, values)).toBe(expected);
    expect(holds(when(condition as Partial<ReportCondition>), values)).toBe(expected);
  });
});

describe("a template that is filled in", () => {
  it("asks what its answers lead to, and says what is missing", () => {
    expect(ids(fillIn(ELEMENTS, {}, {}).shown)).toEqual(["type"]);
    expect(ids(fillIn(ELEMENTS, {}, {}).missing)).toEqual(["type"]);
    const mixed = fillIn(ELEMENTS, { type: "mixed" }, {});
    expect([ids(mixed.shown), [...mixed.required], ids(mixed.missing)]).toEqual([["type", "size"], ["type", "size"], ["size"]]);
    const tubular = fillIn(ELEMENTS, { type: "tubular" }, {});
    expect([ids(tubular.shown), ids(tubular.missing)]).toEqual([["type", "size"], []]);
  });

  it("goes by what is computed, and never by an answer in its place", () => {
    expect(ids(fillIn(ELEMENTS, { type: "mixed", size: 3, grade: "high" }, {}).shown)).toEqual(["type", "size", "grade"]);
    expect(ids(fillIn(ELEMENTS, { type: "mixed", size: 3 }, { grade: "high" }).missing)).toEqual(["margin"]);
  });

  it("forgets what is hidden by another answer, with all that hung on it, and has it again", () => {
    const answers = { type: "none", size: 3, margin: true };
    expect(ids(fillIn(ELEMENTS, answers, { grade: "high" }).shown)).toEqual(["type"]);
    expect(ids(fillIn(ELEMENTS, { ...answers, type: "mixed" }, { grade: "high" }).shown)).toEqual(["type", "size", "grade", "margin"]);
  });
});

describe("answers", () => {
  it("are none where they are empty", () => {
    expect(answered({ a: "x", b: 1 }, "a", "")).toEqual({ b: 1 });
    expect(answered({ a: ["x"] }, "a", [])).toEqual({});
    expect(answered({ b: false }, "a", 0)).toEqual({ b: false, a: 0 });
  });

  it("are chosen by digits", () => {
    expect(byDigit(type, undefined, 2)).toBe("tubular");
    expect(byDigit(type, "tubular", 9)).toBeUndefined();
    expect([byDigit(margin, undefined, 1), byDigit(margin, true, 2), byDigit(margin, true, 3)]).toEqual([true, false, undefined]);
    expect(byDigit(size, 4, 1)).toBeUndefined();
    const stains = element("stains", { kind: "choices", options: options("he", "pas", "ki67") });
    expect(byDigit(stains, ["ki67"], 1)).toEqual(["he", "ki67"]);
    expect(toggled(stains, ["he", "ki67"], "he")).toEqual(["ki67"]);
  });

  it("that are numbers have a point or a comma, of either width", () => {
    expect([numberOf("12.5"), numberOf(" 12,5 "), numberOf("１２")]).toEqual([12.5, 12.5, 12]);
    expect([numberOf(""), numberOf("  ")]).toEqual([null, null]);
    for (const text of ["1e3", "12 mm", "1,2,3", "0x1", "."]) expect(numberOf(text)).toBeNaN();
  });
});
