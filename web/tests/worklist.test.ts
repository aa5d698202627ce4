import { describe, expect, it } from "vitest";
import type { PatientIdentity } from "../src/api/types";
import { decodeFilter, decodeWorklist, encodeFilter } from "../src/capabilities/cases/worklist_state";
import { ageOf, sinceText, yearsBetween } from "../src/capabilities/cases/words";

describe("the address of the worklist", () => {
  it("comes back as it was written", () => {
    for (const filter of [{ queue: "mine" as const }, { queue: "urgent" as const, priority: "intraoperative" as const, field: "kidney" as const }])
      expect(decodeFilter(encodeFilter(filter))).toEqual(filter);
  });

  it("ignores what makes no sense, and never holds a text", () => {
    expect(decodeWorklist({ queue: "all", priority: 7, field: "heart", q: "P000001", id: "" })).toEqual({ queue: "open" });
    expect(encodeFilter(decodeWorklist({ q: "P000001", id: "c1" }))).toEqual({ queue: "open" });
  });
});

const NOBODY: PatientIdentity = { name: "x", sex: "unknown", identifiers: [] };

describe("ages", () => {
  it("change on the birthday and not before", () => {
    expect(yearsBetween("1960-11-28", new Date(2026, 10, 27))).toBe(65);
    expect(yearsBetween("1960-11-28", new Date(2026, 10, 28))).toBe(66);
  });

  it("grow from the day they were stated on", () => {
    const patient = { ...NOBODY, age_years: 57, age_on: "2024-01-10" };
    expect(ageOf(patient, new Date(2026, 5, 1))).toBe(59);
    expect(ageOf(NOBODY, new Date())).toBeNull();
  });

  it("are told in the unit that reads best", () => {
    const now = Date.parse("2026-11-28T12:00:00Z");
    expect(sinceText("en", "2026-11-28T11:20:00Z", now)).toBe("40 min");
    expect(sinceText("en", "2026-11-27T12:00:00Z", now)).toBe("24 hr");
    expect(sinceText("en", "2026-11-20T12:00:00Z", now)).toBe("8 days");
    expect(sinceText("en", "2026-11-29T12:00:00Z", now)).toBe("0 min");
  });
});
