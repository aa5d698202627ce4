import { useEffect, useRef } from "react";
import { InStep, type PaneStep, type Step } from "../../../viewer/in_step";
import type { SlideView } from "../../../viewer/slide_view";
import type { PaneIds } from "./panes";
import type { SlideOnScreen } from "./use_slide";

interface PanesInStep {
  ids: PaneIds;
  active: number;
  slides: readonly (SlideOnScreen | null)[];
  /** Of the same panes; another list only where one of them is another. */
  views: readonly (SlideView | null)[];
  /** Opens the slides that another window went to. */
  onSlides: (step: Step) => void;
  onActive: (pane: number) => void;
  /** Told once every pane is where it is in the other window. */
  onPlaced: () => void;
}

/** One for the page and not for each slide: which window leads outlives a step to the next slide. */
let windows: InStep | null = null;
let arrived: (step: Step) => void = () => undefined;

function stepOf(slide: SlideOnScreen | null): PaneStep | null {
  return slide?.view ? { pose: slide.view.pose(true), flip: slide.view.flipped, plane: slide.plane } : null;
}

function place(slide: SlideOnScreen | null | undefined, step: PaneStep | null | undefined): void {
  if (!slide?.view || !step) return;
  if (slide.view.flipped !== step.flip) slide.view.setFlip(step.flip);
  if (slide.plane !== step.plane) slide.setPlane(step.plane);
  slide.view.setPose(step.pose, true);
}

/** Keeps this window and others in step while `on`, pane by pane. */
export function useInStep(on: boolean, panes: PanesInStep): void {
  const latest = useRef(panes);
  latest.current = panes;
  const { views, active } = panes;
  const shown = panes.ids.join();
  const planes = panes.slides.map((slide) => slide?.plane).join();
  useEffect(() => {
    if (!on) {
      windows?.destroy();
      windows = null;
      return;
    }
    arrived = (step) => {
      const now = latest.current;
      if (step.images.join() !== now.ids.join()) {
        now.onSlides(step);
        return;
      }
      if (step.active !== now.active) now.onActive(step.active);
      now.slides.forEach((slide, pane) => { place(slide, step.panes[pane]); });
      now.onPlaced();
    };
    windows ??= new InStep((step) => { arrived(step); });
    // Another window's step does not bring this one back from where it has gone.
    return () => { arrived = () => undefined; };
  }, [on]);
  useEffect(() => {
    if (!on) return;
    const tell = () => {
      const { ids, active: leading, slides } = latest.current;
      windows?.tell({ images: ids, active: leading, panes: ids.map((_, pane) => stepOf(slides[pane] ?? null)) });
    };
    tell();
    const stops = views.flatMap((view) => (view ? [view.on("move", tell)] : []));
    return () => { for (const stop of stops) stop(); };
  }, [on, views, shown, active, planes]);
}
