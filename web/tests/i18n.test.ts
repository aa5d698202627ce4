import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

type Table = Record<string, string>;

const enParts = import.meta.glob<Table>("../src/i18n/en/*.ts", { eager: true, import: "texts" });
const zhParts = import.meta.glob<Table>("../src/i18n/zh/*.ts", { eager: true, import: "texts" });
const joined = (parts: Record<string, Table>): Table => Object.assign({}, ...Object.values(parts)) as Table;
const english = joined(enParts);
const chinese = joined(zhParts);
const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]).sort();

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes("/i18n"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

describe("the languages", () => {
  it("have each key in one part only", () => {
    for (const parts of [enParts, zhParts]) {
      const keys = Object.values(parts).flatMap(Object.keys);
      expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    }
  });

  it("have the same keys; Chinese has no singular", () => {
    const wanted = Object.keys(english).filter((key) => !key.endsWith("_one"));
    expect(Object.keys(chinese).sort()).toEqual(wanted.sort());
  });

  it("say something for every key, with the same blanks to fill in", () => {
    for (const [key, text] of Object.entries(chinese)) {
      expect(text.trim(), key).not.toBe("");
      expect(placeholders(text), key).toEqual(placeholders(english[key] ?? ""));
    }
  });

  it("are really different", () => {
    const same = Object.entries(chinese).filter(([key, text]) => text === english[key] && /[a-z]{3}/i.test(text.replace(/\{\{.*?\}\}/g, "")));
    expect(same.map(([key]) => key)).toEqual(["app.name"]);
  });

  it("hold nothing that is never shown", () => {
    const text = sources(new URL("../src", import.meta.url).pathname);
    const prefixes = [...text.matchAll(/[`"]([a-zA-Z.]+\.)\$\{/g)].map((match) => match[1] ?? "");
    const unused = Object.keys(english)
      .map((key) => key.replace(/_(one|other)$/, ""))
      .filter((key) => !text.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });
});
