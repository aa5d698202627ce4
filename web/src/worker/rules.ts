/** What the service worker answers itself: the app's own files and nothing else. */

/** page: the server's answer, or the kept app where none comes; file: one of the app's own; pass: not ours. */
export type Way = "page" | "file" | "pass";

/** First parts of addresses that are no state of the app; the server has the same list (`app/server.py`). */
const NO_PAGES = new Set(["api", "tiles", "layer-tiles", "dicomweb", "iiif", "deepzoom", "enter", "assets", "log", "fhir", "oauth"]);

export interface Asked {
  method: string;
  mode: string;
  url: string;
}

/** `files` are the paths that were kept when this release was installed. */
export function wayOf({ method, mode, url }: Asked, origin: string, files: ReadonlySet<string>): Way {
  const { origin: from, pathname } = new URL(url);
  if (method !== "GET" || from !== origin) return "pass";
  if (files.has(pathname) && pathname !== "/" && mode !== "navigate") return "file";
  return mode === "navigate" && !NO_PAGES.has(pathname.split("/")[1] ?? "") ? "page" : "pass";
}
