import { describe, expect, it } from "vitest";
import { activeIn, keepOnly, nameActive } from "../src/capabilities/slides/viewer/panes";

describe("the pane that has the keys", () => {
  it("is the one that the address names", () => {
    const search = new URLSearchParams("a.x=1");
    nameActive(search, 2);
    expect(search.toString()).toBe("a.x=1&pane=3");
    expect(activeIn(search, 4)).toBe(2);
  });

  it("is the first one where nothing else is said, and that needs no mention", () => {
    const search = new URLSearchParams("pane=2");
    nameActive(search, 0);
    expect(search.has("pane")).toBe(false);
    expect(activeIn(search, 2)).toBe(0);
  });

  it.each(["", "0", "3", "1.5", "-1", "two"])("is the first one where the address says '%s' of two", (said) => {
    expect(activeIn(new URLSearchParams({ pane: said }), 2)).toBe(0);
  });

  it("means nothing where one slide is left", () => {
    expect(keepOnly(new URLSearchParams("pane=2&b.x=1&b.y=2&b.z=3"), "b.", "").has("pane")).toBe(false);
  });
});
