/** What is fetched brings every text that it shows, or a reader would see its name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everything, fetchedLater, loadedWith, SRC, textOf } from "./sources";

const SHOWS = /withTexts\(import\("(\.[^"]+)"\)((?:, "\w+")*)\)/g;
const parts = new Map<string, string>();
for (const file of everything.filter((one) => /i18n\/en\/\w+\.ts$/.test(one))) {
  const part = file.slice(file.lastIndexOf("/") + 1, -".ts".length);
  for (const [, key = ""] of readFileSync(file, "utf8").matchAll(/^ {2}"([^"]+)":/gm)) parts.set(key.replace(/_(one|other)$/, ""), part);
}

/** Its own sources and what they fetch later, but not what brings texts of its own. */
function shownBy(root: string): Set<string> {
  const found = loadedWith(root);
  for (const file of found) {
    const own = new Set([...textOf(file).matchAll(SHOWS)].map(([, asked = ""]) => asked));
    for (const [asked, later] of fetchedLater(file)) if (!own.has(asked)) for (const one of loadedWith(later)) found.add(one);
  }
  return found;
}

/** The viewer is framework-free and says nothing: its names of actions only look like keys. */
const speaks = (file: string) => /\.tsx?$/.test(file) && !/\/src\/(viewer|i18n)\//.test(file) && !file.endsWith("schema.ts");

function partsOf(root: string): Set<string> {
  const text = [...shownBy(root)].filter(speaks).map(textOf).join("\n");
  const literals = new Set([...text.matchAll(/"([a-zA-Z][\w.]*)"/g)].map(([, key]) => key));
  const prefixes = [...new Set([...text.matchAll(/[`"]([a-zA-Z.]+\.)\$\{/g)].map(([, prefix = ""]) => prefix))];
  return new Set([...parts].filter(([key]) => literals.has(key) || prefixes.some((prefix) => key.startsWith(prefix))).map(([, part]) => part));
}

const fetched = everything
  .filter((file) => /\.tsx?$/.test(file) && !file.includes("/i18n/"))
  .flatMap((file) =>
    [...textOf(file).matchAll(SHOWS)].map(([, asked = "", list = ""]) => {
      const root = fetchedLater(file).find(([name]) => name === asked)?.[1] ?? "";
      return [root.slice(SRC.length + 1), root, [...list.matchAll(/"(\w+)"/g)].map(([, part = ""]) => part)] as const;
    }),
  );

describe("texts", () => {
  it("of the entry are those of the shell", () => {
    const entry = partsOf(join(SRC, "main.tsx"));
    expect([...entry]).toEqual(["shell"]);
    expect(fetched.length).toBeGreaterThan(25);
  });

  it.each(fetched)("of %s come with it", (_, root, declared) => {
    const needed = [...partsOf(root)].filter((part) => part !== "shell");
    expect([...declared].sort()).toEqual(needed.sort());
  });
});
