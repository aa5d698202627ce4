import { describe, expect, it } from "vitest";
import { decodeTurnaround, periodOf, turnaroundAskedOf } from "../src/capabilities/cases/turnaround_state";

describe("the address of the page of turnaround", () => {
  it("keeps what can be meant and drops the rest", () => {
    const good = { from: "2026-11-01", to: "2026-11-28", by: "week", field: "skin", priority: "urgent" };
    expect(decodeTurnaround(good)).toEqual(good);
    expect(decodeTurnaround({ from: "yesterday", to: "2026-13-45", by: "mood", field: "x", priority: "y" })).toEqual({});
  });

  it("means the last thirty days unless others are said", () => {
    const now = new Date(2026, 10, 28, 15);
    expect(periodOf({}, now)).toEqual({ from: "2026-10-30", to: "2026-11-28" });
    expect(periodOf({ from: "2026-01-01" }, now)).toEqual({ from: "2026-01-01", to: "2026-11-28" });
    const { begin, end, by } = turnaroundAskedOf({ from: "2026-11-27", to: "2026-11-27" }, now);
    expect(Date.parse(end) - Date.parse(begin)).toBe(86_400_000);
    expect(by).toBe("subspecialty");
  });
});
