/** One pane's slide drawn over the first: which, how strongly, and up to which line; the address remembers it. */
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Mapping } from "../../viewer/compare/mapping";
import type { OverlayState, SlideOverlay } from "../../viewer/compare/overlay";
import type { OverlaySlide } from "../../viewer/compare/overlay_tiles";
import type { PaneLink } from "../../viewer/compare/pane_link";
import type { SlideView } from "../../viewer/slide_view";
import { decodeOverlay, encodeOverlay, type OverlayLook } from "./overlay_look";

const MIDDLE = 0.5;

export interface OverlayControls {
  look: OverlayLook;
  setOpacity: (opacity: number) => void;
  setSwipe: (swipe: number | null) => void;
  flipSwipe: () => void;
  /** Shows the slide on top alone, then the one under it, and so on. */
  blink: () => void;
  /** Both again. */
  endBlink: () => void;
}

export function useOverlayLook(start: () => URLSearchParams, write: (change: (search: URLSearchParams) => void) => void): OverlayControls {
  const [look, setLook] = useState(() => decodeOverlay(start()));
  const change = useCallback(
    (patch: (before: OverlayLook) => Partial<OverlayLook>) => {
      setLook((before) => {
        const next = { ...before, blink: null, ...patch(before) };
        write((search) => { encodeOverlay(next, search); });
        return next;
      });
    },
    [write],
  );
  return {
    look,
    setOpacity: (opacity) => { change(() => ({ opacity })); },
    setSwipe: (swipe) => { change(() => ({ swipe })); },
    flipSwipe: () => { change(({ swipe }) => ({ swipe: swipe === null ? MIDDLE : null })); },
    endBlink: () => { change(() => ({})); },
    blink: () => { change(({ blink }) => ({ blink: blink === "over" ? "under" : "over" })); },
  };
}

interface OverlayDrawn {
  under: SlideView | null;
  /** Null where nothing is to be drawn. */
  slide: OverlaySlide | null;
  /** By this, else as the panes lie to each other. */
  mapping: Mapping | null;
  link: PaneLink | null;
  /** In `link`. */
  place: number;
  look: OverlayLook;
}

export interface OverlayShown extends OverlayState {
  retry: () => void;
}

/** Draws it; tells how far that is. What draws is loaded when it is first needed. */
export function useOverlay({ under, slide, mapping, link, place, look }: OverlayDrawn): OverlayShown | null {
  const [overlay, setOverlay] = useState<SlideOverlay | null>(null);
  const [state, setState] = useState<OverlayState | null>(null);
  const isOn = slide !== null && (mapping !== null || link !== null);
  useEffect(() => {
    if (!under || !isOn) return;
    let isWanted = true;
    void import("../../viewer/compare/overlay").then(({ overlayOf }) => {
      if (isWanted) setOverlay(overlayOf(under));
    });
    return () => {
      isWanted = false;
      setOverlay(null);
    };
  }, [under, isOn]);
  useEffect(() => {
    if (!overlay || !slide) return;
    const lay = (by: Mapping) => { overlay.set({ ...slide, mapping: by }); };
    if (mapping) lay(mapping);
    else if (link) {
      lay(link.relation(place));
      return link.onChange(() => { lay(link.relation(place)); });
    }
    return;
  }, [overlay, slide, mapping, link, place]);
  useEffect(() => {
    if (!overlay) return;
    const stop = overlay.onState(setState);
    return () => {
      stop();
      setState(null);
      overlay.set(null);
    };
  }, [overlay]);
  useEffect(() => {
    const { opacity, swipe, blink } = look;
    overlay?.setStyle(blink === null ? { opacity, from: swipe ?? 0 } : { opacity: blink === "over" ? 1 : 0, from: 0 });
  }, [overlay, look]);
  return useMemo(() => (overlay && state ? { ...state, retry: () => { overlay.retry(); } } : null), [overlay, state]);
}
