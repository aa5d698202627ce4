import { describe, expect, it } from "vitest";
import { decodeAudit, filterOf, slideIn, targetOf } from "../src/capabilities/audit/audit_state";

describe("the address of the audit pages", () => {
  it("keeps what can be meant and drops the rest", () => {
    const good = { tab: "flags", from: "2026-01-31", outcome: "refused", person: "p", for: "care", target: "image/x", entry: "41" };
    expect(decodeAudit(good)).toEqual(good);
    expect(decodeAudit({ tab: "else", from: "soon", to: "2026-13-45", outcome: "perhaps", person: "", entry: "-1", target: "x".repeat(81) })).toEqual({});
  });

  it("means the last day to its end", () => {
    const filter = filterOf({ from: "2026-03-02", to: "2026-03-02" });
    expect(Date.parse(filter.to ?? "") - Date.parse(filter.from ?? "")).toBe(24 * 3600 * 1000);
    expect(filterOf({ tab: "flags", entry: "1" })).toEqual({});
    expect(filterOf({ person: "p", for: "care" })).toEqual({ person: "p", for: "care" });
  });

  it("names a slide by its identifier alone", () => {
    expect(targetOf(" abc ")).toBe("image/abc");
    expect(targetOf("person/x")).toBe("person/x");
    expect(targetOf("  ")).toBeUndefined();
    expect(slideIn("image/abc")).toBe("abc");
    expect(slideIn("person/abc")).toBeUndefined();
  });
});
