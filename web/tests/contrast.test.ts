import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../src/ui/tokens.css", import.meta.url), "utf8");
const [dark = "", rest = ""] = css.split('[data-theme="light"]');
const THEMES = { dark, light: rest.slice(0, rest.indexOf("}")) };

const TEXTS = ["text", "text-2", "text-3", "accent", "ai", "signed", "warn", "danger"];
const GROUNDS = ["bg", "surface-1", "surface-2"];

function colours(block: string): Map<string, string> {
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe.each(Object.entries(THEMES))("the colours of the %s theme", (_, block) => {
  const known = colours(block);
  const contrast = (one: string, other: string) => {
    const [low = 0, high = 0] = [one, other].map((name) => luminance(known.get(name) ?? "")).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  it.each(TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)))("make %s legible on %s (1.4.3)", (text, ground) => {
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ["text", "hover"],
    ["text-2", "hover"],
    ["accent", "hover"],
    ["text", "mat"],
    ["text-2", "mat"],
    ["on-accent", "accent"],
  ])("make %s legible on %s (1.4.3)", (text, ground) => {
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([...GROUNDS, "mat"].map((ground) => ["accent", ground] as const))("show the ring of what has the keys: %s on %s (1.4.11)", (ring, ground) => {
    expect(contrast(ring, ground)).toBeGreaterThanOrEqual(3);
  });

  it.each(GROUNDS)("show where a field is: its edge on %s (1.4.11)", (ground) => {
    expect(contrast("edge", ground)).toBeGreaterThanOrEqual(3);
  });
});
