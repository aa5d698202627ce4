/** Slides next to each other: which pane shows which, as an address says it. */
import { decodeView, encodeView, layersKey, UNSAID } from "../../../viewer/view_state";

export const PANE_PREFIXES = ["a.", "b.", "c.", "d."] as const;
const MOST = PANE_PREFIXES.length;
const EMPTY = "-";

/** What each pane shows; null for one that waits for a slide. One, two or four of them. */
export type PaneIds = readonly (string | null)[];

/** The panes of `/compare/…`: two slides or four places. */
export function panesOf(path: string): PaneIds {
  const named = path.split("/").filter(Boolean).slice(0, MOST).map((id) => (id === EMPTY ? null : id));
  const count = named.length > 2 ? MOST : 2;
  return [...named, ...Array<null>(count - named.length).fill(null)];
}

export const pathOf = (ids: PaneIds): string => ids.map((id) => id ?? EMPTY).join("/");

/** What tells the pane's keys in an address from those of others; nothing where there is one pane. */
export const prefixOf = (ids: PaneIds, pane: number): string => (ids.length > 1 ? (PANE_PREFIXES[pane] ?? "") : "");

/** What an address says of several panes together. */
const OF_SEVERAL = ["link", "scale", "over", "opacity", "swipe", "alone", "marks", "pane"];

/** The pane that has the keys, counted from 0; the first one where the address names none that is there. */
export function activeIn(search: URLSearchParams, count: number): number {
  const named = Number(search.get("pane") ?? "1");
  return Number.isInteger(named) && named >= 1 && named <= count ? named - 1 : 0;
}

/** Says which pane has the keys; the first one needs no mention. */
export function nameActive(search: URLSearchParams, active: number): void {
  if (active > 0) search.set("pane", String(active + 1));
  else search.delete("pane");
}

/** The pane starts anew: what the address said of its slide means nothing for another. */
export function forget(search: URLSearchParams, prefix: string): URLSearchParams {
  // Layers are of one slide.
  search.delete(layersKey(prefix));
  return encodeView(UNSAID, search, prefix);
}

/** One pane becomes another, with all that the address says of it; whatever the others were is forgotten. */
export function keepOnly(search: URLSearchParams, from: string, to: string): URLSearchParams {
  const kept = decodeView(search, from);
  if (to === "") for (const key of OF_SEVERAL) search.delete(key);
  for (const prefix of ["", ...PANE_PREFIXES]) forget(search, prefix);
  return encodeView(kept, search, to);
}

/** The other panes next to `pane` when four become two: its slide and the first other one, in their order. */
export function twoOf(ids: PaneIds, pane: number): [number, number] {
  const other = ids.findIndex((id, at) => at !== pane && id !== null);
  const second = other >= 0 ? other : pane === 0 ? 1 : 0;
  return pane < second ? [pane, second] : [second, pane];
}
