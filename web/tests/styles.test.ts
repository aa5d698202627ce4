/** A page brings the style of everything on it: whoever comes by its address was on no other page before. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { everything, fetchedLater, loadedWith, SRC, textOf } from "./sources";

const rulesOf = (file: string) => textOf(file).replace(/\/\*.*?\*\//gs, "");
const named = (file: string, pattern: RegExp) => [...rulesOf(file).matchAll(pattern)].map(([, name = ""]) => name);
const styled = (file: string) => named(file, /\.([a-z][\w-]*)(?=[^{}]*\{)/g);
/** Classes that a rule begins with. What only follows them, such as `.signed` in `.report.signed`, is about something else elsewhere. */
const leading = (file: string) => named(file, /(?:^|[,{}])\s*\.([a-z][\w-]*)(?=[^{}]*\{)/g);

/** Names of classes that are written out; those that are put together at run time are left to the eye. */
function worn(file: string): string[] {
  const written = [...textOf(file).matchAll(/className=(?:"([^"]*)"|\{`([^`]*)`\})/g)].map(([, plain, template]) => plain ?? template ?? "");
  return written.flatMap((text) => text.replace(/\$\{[^}]*\}/g, "").split(/\s+/)).filter(Boolean);
}

const anywhere = new Set(everything.filter((file) => file.endsWith(".css")).flatMap(leading));
const atFirst = loadedWith(join(SRC, "main.tsx"));
const pages = [join(SRC, "shell/router.tsx"), join(SRC, "shell/Frame.tsx")].flatMap((file) => fetchedLater(file).map(([, page]) => page));

it("finds the pages", () => {
  expect(pages.length).toBeGreaterThan(20);
});

it.each(pages.map((page) => [page.slice(SRC.length + 1), page] as const))("%s", (_, page) => {
  const loaded = new Set([...atFirst, ...loadedWith(page)]);
  const here = new Set([...loaded].filter((file) => file.endsWith(".css")).flatMap(styled));
  const bare = [...loaded].filter((file) => file.endsWith(".tsx")).flatMap((file) => worn(file).map((name) => [name, file.slice(SRC.length + 1)] as const));
  expect(bare.filter(([name]) => anywhere.has(name) && !here.has(name))).toEqual([]);
});
