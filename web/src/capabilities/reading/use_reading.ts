/** Reading one slide: what was seen of it, and the systematic walk over its tissue. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats, type Formats } from "../../i18n/format";
import type { Grid } from "../../viewer/coverage";
import { spacingOf } from "../../viewer/pyramid";
import type { SlideView } from "../../viewer/slide_view";
import { fieldBefore, layWalk, nextUnseen, uprightIn } from "../../viewer/walk";
import { useCoverage, type LiveCoverage } from "./use_coverage";

export interface Reading {
  live: LiveCoverage | null;
  /** The band of the field on the screen; -1 below the lowest power. */
  band: number;
  /** Goes to the next field of the walk that was not seen at the present power. */
  walk: () => void;
  walkBack: () => void;
  /** What the last step of the walk came to. */
  message: string;
}

/** A share that says 100 % only when all was seen. */
export const sureShare = (share: number) => (share >= 1 ? 1 : Math.floor(share * 100) / 100);

/** A band as people call it: by its objective, or without a physical scale by its share of full resolution. */
export function powerOf(grid: Grid, view: SlideView, formats: Pick<Formats, "figure" | "percent">): string {
  return view.opening.spacing_um ? `${formats.figure(grid.objective)}×` : formats.percent(1 / grid.downsample);
}

export function useReading(id: string, view: SlideView | null): Reading {
  const { t } = useTranslation();
  const { number, figure, percent } = useFormats();
  const live = useCoverage(id, view);
  const [band, setBand] = useState(-1);
  const [message, setMessage] = useState("");
  useEffect(() => {
    if (!view || !live) return;
    const um = spacingOf(view.opening);
    const look = () => { setBand(live.coverage.bandOf(view.pose().z / um.x)); };
    look();
    return view.on("move", look);
  }, [view, live]);
  useEffect(() => { setMessage(""); }, [band]);

  const step = useCallback(
    (back: boolean) => {
      const coverage = live?.coverage;
      const lowest = coverage?.grids[0];
      if (!view || !coverage || !lowest) return;
      const um = spacingOf(view.opening);
      const seen = coverage.bandOf(view.pose().z / um.x);
      const at = Math.max(0, seen);
      const pose = seen < 0 ? { ...view.pose(), z: lowest.downsample * um.x } : view.pose();
      const { width, height } = view.fieldSize;
      const field = uprightIn(width * pose.z, height * pose.z, pose.r);
      const size = { width: field.width / um.x, height: field.height / um.y };
      const walk = layWalk(coverage, at, size, { x: pose.x / um.x, y: pose.y / um.y });
      const next = back ? fieldBefore(walk) : nextUnseen(walk);
      const magnification = powerOf(coverage.grids[at] ?? lowest, view, { figure, percent });
      if (!next) {
        setMessage(t(back ? "reading.first" : "reading.allSeen", { magnification }));
        return;
      }
      view.setPose({ ...pose, x: next.x * um.x, y: next.y * um.y });
      setMessage(t("reading.walked", { place: number(walk.fields.indexOf(next) + 1), total: number(walk.fields.length), magnification }));
    },
    [view, live, t, number, figure, percent],
  );
  const walk = useCallback(() => { step(false); }, [step]);
  const walkBack = useCallback(() => { step(true); }, [step]);
  return useMemo(() => ({ live, band, walk, walkBack, message }), [live, band, walk, walkBack, message]);
}
