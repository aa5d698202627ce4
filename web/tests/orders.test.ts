import { describe, expect, it } from "vitest";
import type { MaterialShown } from "../src/api/types";
import { benchListingOf, decodeBench } from "../src/capabilities/orders/bench_state";
import { meantBy, movesOf, subjectsOf } from "../src/capabilities/orders/kinds";

const piece = (id: string, kind: MaterialShown["kind"], parent: string | null, stage: MaterialShown["stage"] = "filed"): MaterialShown => ({
  id,
  kind,
  parent_id: parent,
  label: id,
  identifier: id,
  stage,
  next_stages: [],
  description: "",
  organ: "",
  image_ids: [],
});
const MATERIAL = [piece("part", "part", null, "grossed"), piece("block", "block", "part"), piece("slide", "slide", "block"), piece("broken", "slide", "block", "broken"), piece("smear", "slide", "part")];

describe("work on pieces of a case", () => {
  it("is offered on what it can be done on, and on nothing that is gone", () => {
    expect(subjectsOf(MATERIAL, "re_scan").map(({ id }) => id)).toEqual(["slide", "smear"]);
    expect(subjectsOf(MATERIAL, "ihc").map(({ id }) => id)).toEqual(["block"]);
  });

  it("is meant for what the slide at hand was made of", () => {
    expect(meantBy(MATERIAL, "ihc", "slide")).toBe("block");
    expect(meantBy(MATERIAL, "further_block", "slide")).toBe("part");
    expect(meantBy(MATERIAL, "re_scan", "slide")).toBe("slide");
    expect(meantBy(MATERIAL, "re_scan", "broken")).toBeUndefined();
    expect(meantBy(MATERIAL, "ihc", "smear")).toBeUndefined();
  });

  it("goes on by whoever may", () => {
    expect(movesOf(["accepted", "rejected", "cancelled"], true, false)).toEqual(["accepted", "rejected", "cancelled"]);
    expect(movesOf(["accepted", "rejected", "cancelled"], false, true)).toEqual(["cancelled"]);
    expect(movesOf(["done"], false, false)).toEqual([]);
  });
});

describe("the address of the bench", () => {
  it("keeps what can be meant and drops the rest", () => {
    expect(decodeBench({ list: "accepted", work: "ihc", id: "w1" })).toEqual({ list: "accepted", work: "ihc", id: "w1" });
    expect(decodeBench({ list: "lost", work: "tea", id: "../x" })).toEqual({ list: "open" });
  });

  it("asks for the states of its list", () => {
    expect(benchListingOf({ list: "open" })).toEqual({ states: ["requested", "accepted", "in_progress"], work: null });
    expect(benchListingOf({ list: "requested", work: "ish" })).toEqual({ states: ["requested"], work: "ish" });
  });
});
