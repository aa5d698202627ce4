import { useEffect, useRef } from "react";
import { InStep, type Step } from "../../../viewer/in_step";
import type { SlideOnScreen } from "./use_slide";

/** One for the page and not for each slide: which window leads outlives a step to the next slide. */
let windows: InStep | null = null;
let arrived: (step: Step) => void = () => undefined;

/** Keeps this window and others in step while `on`; `onImage` opens the slide that another window went to. */
export function useInStep(on: boolean, id: string, slide: SlideOnScreen | null, onImage: (id: string) => void): void {
  const latest = useRef({ id, slide, onImage });
  latest.current = { id, slide, onImage };
  const view = slide?.view ?? null;
  const plane = slide?.plane ?? 0;
  useEffect(() => {
    if (!on) {
      windows?.destroy();
      windows = null;
      return;
    }
    arrived = (step) => {
      const now = latest.current;
      if (step.image !== now.id) {
        now.onImage(step.image);
        return;
      }
      const shown = now.slide?.view;
      if (!shown || !step.pose) return;
      if (shown.flipped !== step.flip) shown.setFlip(step.flip);
      if (now.slide && now.slide.plane !== step.plane) now.slide.setPlane(step.plane);
      shown.setPose(step.pose, true);
    };
    windows ??= new InStep((step) => { arrived(step); });
  }, [on]);
  useEffect(() => {
    if (!on || !view) return;
    const tell = () => windows?.tell({ image: id, pose: view.pose(true), flip: view.flipped, plane });
    tell();
    return view.on("move", tell);
  }, [on, view, id, plane]);
}
