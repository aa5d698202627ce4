/** How the slides of all panes lie on the first, by what is known between any two of them. */
import type { Transform } from "../../api/types";
import type { Fit } from "../../viewer/compare/fit";
import { affineMapping, chain, gridMapping, inverseOf, type Grid, type Mapping } from "../../viewer/compare/mapping";

/** Where a mapping comes from. */
export type Source = { by: "transform"; transform: Transform } | { by: "fit"; fit: Fit; pairs: number } | { by: "chain" };

export interface Known {
  from: string;
  to: string;
  mapping: Mapping;
  source: Source;
  key: string;
}

export interface Lying {
  mapping: Mapping;
  source: Source;
  /** The same as long as the mapping says the same. */
  key: string;
}

/** For each slide how it lies on the first, straight or by way of others; null where nothing leads there. */
export function lyingOnFirst(slides: readonly (string | null)[], known: readonly Known[]): (Lying | null)[] {
  const first = slides.find((slide) => slide !== null);
  const found = new Map<string, Lying | null>();
  const reached = first === undefined ? [] : [first];
  if (first !== undefined) found.set(first, null);
  for (const slide of reached) {
    const before = found.get(slide) ?? null;
    for (const { from, to, mapping, source, key } of known) {
      const next = from === slide ? to : to === slide ? from : null;
      if (next === null || found.has(next)) continue;
      const step = from === slide ? mapping : inverseOf(mapping);
      found.set(next, before ? { mapping: chain(before.mapping, step), source: { by: "chain" }, key: `${before.key} ${key}` } : { mapping: step, source, key });
      reached.push(next);
    }
  }
  return slides.map((slide) => (slide === null ? null : (found.get(slide) ?? null)));
}

/** Null where a section is bent and its grid did not come: without it, it would seem to lie where it does not. */
export function knownOf(transform: Transform, grid: Grid | null | undefined): Known | null {
  const [a, b, c, d, e, f] = transform.matrix;
  const affine = { a, b, c, d, e, f };
  if (transform.has_displacements && !grid) return null;
  const mapping = grid ? gridMapping(affine, grid) : affineMapping(affine);
  return { from: transform.from_image_id, to: transform.to_image_id, mapping, source: { by: "transform", transform }, key: transform.id };
}
