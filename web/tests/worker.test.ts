import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { wayOf } from "../src/worker/rules";

const ORIGIN = "https://node.example";
const FILES = new Set(["/index.html", "/assets/main-1a2b.js", "/icon.svg"]);
const way = (path: string, mode = "cors", method = "GET") => wayOf({ method, mode, url: path.startsWith("http") ? path : ORIGIN + path }, ORIGIN, FILES);

describe("what the service worker answers", () => {
  it("is the app's own files", () => {
    expect([way("/assets/main-1a2b.js"), way("/icon.svg", "no-cors")]).toEqual(["file", "file"]);
  });

  it("is the app where a page is asked for and no server answers", () => {
    expect(["/", "/slides/abc?x=1", "/audit", "/index.html"].map((path) => way(path, "navigate"))).toEqual(["page", "page", "page", "page"]);
  });

  it("is never anything of a patient, of a sign-in or of another release", () => {
    const others = ["/api/slides/images", "/api/slides/images/a/thumbnail?width=512", "/tiles/T/0/0/0/0/0", "/layer-tiles/T/l/points/0/0", "/dicomweb/studies", "/iiif/3/a/info.json", "/assets/old-9f.js", "/", "/slides/abc"];
    expect(others.map((path) => way(path))).toEqual(others.map(() => "pass"));
    expect(["/enter/abc", "/api/annotations/images/a/export?format=csv", "/dicomweb/studies"].map((path) => way(path, "navigate"))).toEqual(["pass", "pass", "pass"]);
    expect(way("/assets/main-1a2b.js", "cors", "POST")).toBe("pass");
    expect(way("https://elsewhere.example/icon.svg")).toBe("pass");
  });

  it("knows the same addresses as the server", () => {
    const server = readFileSync(new URL("../../src/hemalum/app/server.py", import.meta.url), "utf8");
    const listed = /_NO_PAGES = frozenset\(\s*\{([^}]*)\}/.exec(server)?.[1] ?? "";
    const names = [...listed.matchAll(/"([\w-]+)"/g)].map((match) => match[1] ?? "");
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(way(`/${name}/x`, "navigate"), name).toBe("pass");
  });
});
