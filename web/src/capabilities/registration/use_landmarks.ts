/** The landmarks that are being placed between the first slide and another one. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Transform } from "../../api/types";
import type { Place } from "../../viewer/annotate/mark";
import { fitLandmarks, type Degenerate, type Fit, type FitKind } from "../../viewer/compare/fit";
import { Landmarks, type Landmark, type Side } from "../../viewer/compare/landmarks";
import type { SlideView } from "../../viewer/slide_view";
import { toolbox } from "../annotations/annotators";

export interface Marking {
  landmarks: Landmarks;
  /** As `landmarks` has them now. */
  list: readonly Landmark[];
  kind: FitKind;
  setKind: (kind: FitKind) => void;
  fit: Fit | Degenerate;
  /** Adds the middle of the pane that has the keys. */
  markMiddle: () => void;
  /** Moves a landmark there, on the slide of that pane. */
  moveToMiddle: (index: number) => void;
}

interface MarkingOptions {
  on: boolean;
  from: string;
  to: string | null;
  /** What the node keeps between the two; undefined until that is known. */
  saved: Transform | null | undefined;
  fromView: SlideView | null;
  toView: SlideView | null;
  /** Which of the two has the keys, if any. */
  active: Side | null;
}

const storageKey = (from: string, to: string) => `hemalum.landmarks/${from}/${to}`;
const ELSEWHERE = "input, textarea, select, [role=dialog], .popover, .veil";

/** Marks places while `on`: a short press on either slide, or Enter. What was not saved outlives a reload. */
export function useLandmarks({ on, from, to, saved, fromView, toView, active }: MarkingOptions): Marking | null {
  const isKnown = saved !== undefined;
  const landmarks = useMemo(() => (to === null || !isKnown ? null : new Landmarks(drafted(from, to) ?? savedMarks(saved ?? null, from))), [from, to, isKnown, saved]);
  const list = useSyncExternalStore(landmarks?.subscribe ?? never, landmarks?.get ?? none);
  const [chosen, setKind] = useState<FitKind | null>(null);
  const kind = chosen ?? saved?.kind ?? "rigid";
  const fit = useMemo(() => fitLandmarks(kind, landmarks && list ? landmarks.pairs : []), [kind, landmarks, list]);

  useEffect(() => {
    if (!landmarks || to === null) return;
    return landmarks.subscribe(() => { sessionStorage.setItem(storageKey(from, to), JSON.stringify(landmarks.get())); });
  }, [landmarks, from, to]);

  useEffect(() => {
    if (!on || !landmarks) return;
    toolbox.set({ tool: "move" });
    const stops = ([["start", fromView], ["end", toView]] as const).map(([side, view]) =>
      view?.on("press", ({ x, y }) => {
        if (toolbox.get().tool === "move") landmarks.place(side, [x, y]);
      }),
    );
    return () => {
      for (const stop of stops) stop?.();
    };
  }, [on, landmarks, fromView, toView]);

  const atMiddle = (put: (marks: Landmarks, side: Side, place: Place) => void) => {
    const view = active === "start" ? fromView : toView;
    if (!landmarks || !active || !view) return;
    const { x, y } = view.look();
    put(landmarks, active, [x, y]);
  };
  const markMiddle = () => { atMiddle((marks, side, place) => { marks.place(side, place); }); };
  const moveToMiddle = (index: number) => { atMiddle((marks, side, place) => { marks.move(index, side, place); }); };
  useLandmarkKeys(on ? landmarks : null, markMiddle);
  return landmarks && { landmarks, list, kind, setKind, fit, markMiddle, moveToMiddle };
}

/** Forgets what was being placed, once the node keeps it. */
export function forgetDraft(from: string, to: string): void {
  sessionStorage.removeItem(storageKey(from, to));
}

/** While one marks places, Enter on a slide adds its middle, and undo is that of the landmarks. */
function useLandmarkKeys(landmarks: Landmarks | null, markMiddle: () => void): void {
  const latest = useRef({ landmarks, markMiddle });
  latest.current = { landmarks, markMiddle };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const now = latest.current;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (!now.landmarks || document.querySelector(".veil, .popover") || target?.closest(ELSEWHERE)) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
        if (event.shiftKey) now.landmarks.redo();
        else now.landmarks.undo();
      } else if (event.key === "Enter" && target?.classList.contains("slide-region")) now.markMiddle();
      else return;
      event.preventDefault();
      // Annotations have the same keys.
      event.stopImmediatePropagation();
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => { window.removeEventListener("keydown", onKey, { capture: true }); };
  }, []);
}

function savedMarks(saved: Transform | null, from: string): Landmark[] {
  const isForward = saved?.from_image_id === from;
  return (saved?.landmarks ?? []).map(({ start, end }) => (isForward ? { start, end } : { start: end, end: start }));
}

function drafted(from: string, to: string): Landmark[] | null {
  const text = sessionStorage.getItem(storageKey(from, to));
  if (text === null) return null;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every(isLandmark) ? list : null;
  } catch {
    return null;
  }
}

function isLandmark(value: unknown): value is Landmark {
  const { start, end } = (value ?? {}) as Partial<Landmark>;
  const isPlace = (place: unknown) => place === null || (Array.isArray(place) && place.length === 2 && place.every(Number.isFinite));
  return isPlace(start) && isPlace(end);
}

const EMPTY: readonly Landmark[] = [];
const none = () => EMPTY;
const never = () => () => undefined;
