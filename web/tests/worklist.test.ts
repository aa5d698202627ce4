import { describe, expect, it } from "vitest";
import type { PatientIdentity } from "../src/api/types";
import { partOf, stainsOf } from "../src/capabilities/cases/orders";
import { decodeFilter, decodeWorklist, encodeFilter, neighbourOf } from "../src/capabilities/cases/worklist_state";
import { ageOf, localMinute, sinceText, yearsBetween } from "../src/capabilities/cases/words";

describe("the address of the worklist", () => {
  it("comes back as it was written", () => {
    for (const filter of [{ queue: "mine" as const }, { queue: "urgent" as const, priority: "intraoperative" as const, field: "kidney" as const }, { queue: "open" as const, order: "due" as const }])
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

  it("leave a field for date and time as they went in", () => {
    const at = new Date("2026-11-28T11:20:00Z");
    expect(new Date(localMinute(at))).toEqual(at);
  });

  it("are told in the unit that reads best", () => {
    const now = Date.parse("2026-11-28T12:00:00Z");
    expect(sinceText("en", "2026-11-28T11:20:00Z", now)).toBe("40 min");
    expect(sinceText("en", "2026-11-27T12:00:00Z", now)).toBe("24 hr");
    expect(sinceText("en", "2026-11-20T12:00:00Z", now)).toBe("8 days");
    expect(sinceText("en", "2026-11-29T12:00:00Z", now)).toBe("0 min");
  });
});

describe("the next case", () => {
  const rows = [
    { id: "a", first_image_id: "1" },
    { id: "b", first_image_id: null },
    { id: "c", first_image_id: "2" },
  ];

  it("is the next one with something to look at", () => {
    expect(neighbourOf(rows, "a", 1)?.id).toBe("c");
    expect(neighbourOf(rows, "c", -1)?.id).toBe("a");
    expect(neighbourOf(rows, "c", 1)).toBeUndefined();
    expect(neighbourOf(rows, "a", -1)).toBeUndefined();
  });

  it("is the first one where the case at hand left the queue", () => {
    expect(neighbourOf(rows, "gone", 1)?.id).toBe("a");
    expect(neighbourOf(rows, "gone", -1)).toBeUndefined();
  });
});

describe("an order", () => {
  it("has stains parted by the commas of either language", () => {
    expect(stainsOf("HE，PAS、 Ki-67 , ;")).toEqual(["HE", "PAS", "Ki-67"]);
  });

  it("has no more blocks than a form can mean", () => {
    const part = { organ: "Colon", description: "", smears: "0", stains: "HE, PAS" };
    expect(partOf({ ...part, blocks: "2" }).blocks).toEqual([["HE", "PAS"], ["HE", "PAS"]]);
    expect(partOf({ ...part, blocks: "" }).blocks).toEqual([]);
    expect(partOf({ ...part, blocks: "-3" }).blocks).toEqual([]);
    expect(partOf({ ...part, blocks: "1e9" }).blocks).toHaveLength(100);
  });

  it("has a slide of every stain for each smear", () => {
    const fluid = { organ: "Pleura", description: "", blocks: "0", smears: "2", stains: "Pap, MGG" };
    expect(partOf(fluid)).toMatchObject({ blocks: [], smears: ["Pap", "MGG", "Pap", "MGG"] });
  });
});
