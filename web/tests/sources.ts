/** The sources of the app as the bundler sees them: what is loaded with what. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";

export const SRC = join(import.meta.dirname, "../src");
const texts = new Map<string, string>();

export function textOf(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, "utf8");
  texts.set(file, text);
  return text;
}

function fileOf(from: string, asked: string): string | undefined {
  const path = resolve(dirname(from), asked);
  return [path, `${path}.ts`, `${path}.tsx`, join(path, "index.ts")].find((one) => extname(one) !== "" && existsSync(one));
}

/** A file and what it imports at once, the whole way down. */
export function loadedWith(root: string): Set<string> {
  const found = new Set([root]);
  for (const file of found) {
    if (file.endsWith(".css")) continue;
    for (const [, , asked = ""] of textOf(file).matchAll(/^(?:import|export)\s(?!type\s)([^;]*?\sfrom\s)?"(\.[^"]+)"/gm)) {
      const next = fileOf(file, asked);
      if (next !== undefined) found.add(next);
    }
  }
  return found;
}

/** What a file fetches when it is wanted: as it is asked for, and where it lies. */
export function fetchedLater(file: string): [asked: string, file: string][] {
  return [...textOf(file).matchAll(/import\("(\.[^"]+)"\)/g)].flatMap(([, asked = ""]) => {
    const found = fileOf(file, asked);
    return found === undefined ? [] : [[asked, found] as [string, string]];
  });
}

export const everything = readdirSync(SRC, { recursive: true, encoding: "utf8" }).map((name) => join(SRC, name));
