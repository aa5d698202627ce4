/** Reading a case from the worklist: its slides in order, the next case, and the way back. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { imageCaseQuery, searchCases } from "../../api/cases";
import { thumbnailUrl } from "../../api/slides";
import type { CaseDetail, ImageCase, MaterialShown } from "../../api/types";
import { openingQuery } from "../slides/access/opening";
import { imageQuery } from "../slides/library/images";
import { currentSearch } from "../slides/viewer/address";
import { scansOf } from "./CasePreview";
import { useImageCase } from "./CaseIdentity";
import { decodeFilter, encodeFilter, listingOf, neighbourOf, useSearchText, type WorklistFilter } from "./worklist_state";

/** Whether the report stays open from one case to the next. */
const openBeside = (): Record<string, string> => (currentSearch().has("report") ? { report: "1" } : {});

const MOST_LISTED = 200;
const KEPT_MS = 60_000;

export interface SlideOfCase {
  id: string;
  slide: MaterialShown;
}

export interface CaseReading {
  shown: CaseDetail;
  slides: readonly SlideOfCase[];
  place: number;
  total: number;
  previous: SlideOfCase | undefined;
  next: SlideOfCase | undefined;
  nextCase: (by: 1 | -1) => void;
  leave: () => void;
}

/** Null for a slide that was not opened from the worklist, or that belongs to no case. `settled`: it is sharp. */
export function useCaseReading(id: string, search: URLSearchParams, settled: boolean): CaseReading | null {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [filter] = useState<WorklistFilter | null>(() => (search.has("queue") ? decodeFilter(Object.fromEntries(search)) : null));
  const linked = useImageCase(id);
  const shown = filter === null ? null : (linked?.case ?? null);
  const slides = useMemo(() => (shown ? scansOf(shown).map(({ slide, image }) => ({ id: image, slide })) : []), [shown]);
  const place = slides.findIndex((one) => one.id === id);
  const next = slides[place + 1]?.id;
  useEffect(() => {
    // What the next slide shows in its header is known already.
    if (shown)
      for (const { id: image, slide } of slides)
        client.setQueryData<ImageCase>(imageCaseQuery(image).queryKey, (before) => before ?? { case: shown, identifier: slide.identifier, claim: null, claimed: null });
  }, [client, shown, slides]);
  useEffect(() => {
    if (!settled || next === undefined) return;
    void client.prefetchQuery({ ...openingQuery(next), gcTime: KEPT_MS });
    void client.prefetchQuery(imageQuery(next));
    for (const width of [512, 1024]) new Image().src = thumbnailUrl(next, width);
  }, [client, settled, next]);
  if (filter === null || shown === null || place < 0) return null;
  const nextCase = async (by: 1 | -1) => {
    const { items } = await searchCases(listingOf(filter, useSearchText.getState().text), 0, MOST_LISTED);
    const to = neighbourOf(items, shown.id, by);
    if (to && to.first_image_id !== null) await navigate({ to: "/slides/$id", params: { id: to.first_image_id }, search: { ...encodeFilter(filter), ...openBeside() }, replace: true });
  };
  return {
    shown,
    slides,
    place,
    total: slides.length,
    previous: slides[place - 1],
    next: slides[place + 1],
    // Without a connection one stays where one is; the bar above says so.
    nextCase: (by) => void nextCase(by).catch(() => undefined),
    leave: () => void navigate({ to: "/worklist", search: { ...filter, id: shown.id } }),
  };
}
