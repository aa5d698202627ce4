import { describe, expect, it } from "vitest";
import type { ProfileTerm } from "../src/api/types";
import { decodeConformity } from "../src/capabilities/conformity/conformity_state";
import { suggest } from "../src/capabilities/conformity/suggest";

const term = (kind: ProfileTerm["kind"], id: string, en: string, zh: string): ProfileTerm => ({ kind, id, en, zh, codes: [] });
const TERMS = [term("site", "stomach", "Stomach", "胃"), term("site", "colon", "Colon", "结肠"), term("site", "sigmoid", "Sigmoid colon", "乙状结肠"), term("stain", "pas", "PAS", "过碘酸-雪夫")];

describe("terms offered for a word", () => {
  it("are those it holds, the likeliest first", () => {
    expect(suggest(TERMS, "site", "胃窦部黏膜").map((each) => each.id)).toEqual(["stomach"]);
    expect(suggest(TERMS, "site", "乙状结肠3").map((each) => each.id)).toEqual(["sigmoid", "colon"]);
    expect(suggest(TERMS, "site", "COL").map((each) => each.id)).toEqual(["colon", "sigmoid"]);
  });
  it("are none of another kind, and none for what is like nothing", () => {
    expect(suggest(TERMS, "site", "PAS")).toEqual([]);
    expect(suggest(TERMS, "stain", "PAS").map((each) => each.id)).toEqual(["pas"]);
    expect(suggest(TERMS, "site", "").length).toBe(3);
  });
});

describe("the address", () => {
  it("keeps what it knows", () => {
    expect(decodeConformity({ element: "site", level: "refused" })).toEqual({ element: "site", level: "refused" });
    expect(decodeConformity({ element: "patient", level: 3 })).toEqual({});
  });
});
