import { useQueries } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { displacementsQuery, transformsQuery } from "../../api/registration";
import type { Transform } from "../../api/types";
import type { Fit } from "../../viewer/compare/fit";
import { affineMapping, decodeGrid } from "../../viewer/compare/mapping";
import { knownOf, lyingOnFirst, type Known, type Lying } from "./lying";

/** What somebody fitted and did not save yet: it counts here before what the node keeps. */
export interface Tried {
  from: string;
  to: string;
  fit: Fit;
  pairs: number;
}

export interface LyingSlides {
  /** Of each pane; undefined until the node told what it keeps. */
  lying: readonly (Lying | null)[] | undefined;
  transforms: readonly Transform[];
}

const gridIn = (bytes: ArrayBuffer | null) => bytes && decodeGrid(bytes);

/** How the slides of the panes lie on the first. What is handed out stays the same as long as it says the same. */
export function useLying(ids: readonly (string | null)[], tried: Tried | null): LyingSlides {
  const shown = ids.length > 1 ? [...new Set(ids.filter((id) => id !== null))] : [];
  const lists = useQueries({ queries: shown.map((id) => transformsQuery(id)) });
  const isTold = lists.every(({ isPending }) => !isPending);
  const all = new Map(lists.flatMap(({ data }) => data ?? []).map((transform) => [transform.id, transform]));
  const among = [...all.values()].filter(({ from_image_id, to_image_id }) => shown.includes(from_image_id) && shown.includes(to_image_id));
  const bent = among.filter(({ has_displacements }) => has_displacements);
  const grids = useQueries({ queries: bent.map((transform) => ({ ...displacementsQuery(transform), select: gridIn })) });
  const isComplete = isTold && grids.every(({ isPending }) => !isPending);
  const key = `${ids.join("/")} ${among.map(({ id, stale }) => `${id}${stale ? "?" : ""}`).join(" ")} ${isComplete}`;
  const latest = useRef({ ids, among, bent, grids });
  latest.current = { ids, among, bent, grids };
  return useMemo(() => {
    const now = latest.current;
    if (!isComplete) return { lying: undefined, transforms: now.among };
    const known = now.among.flatMap((transform) => knownOf(transform, now.grids[now.bent.indexOf(transform)]?.data) ?? []);
    const first: Known[] = tried
      ? [{ from: tried.from, to: tried.to, mapping: affineMapping(tried.fit.matrix), source: { by: "fit", fit: tried.fit, pairs: tried.pairs }, key: JSON.stringify(tried.fit.matrix) }]
      : [];
    return { lying: lyingOnFirst(now.ids, [...first, ...known]), transforms: now.among };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` says whether what `latest` holds is another
  }, [key, isComplete, tried]);
}
