/** One pane's slide drawn over the first: which, how strongly, and up to which line; the address remembers it. */
import { useCallback, useEffect, useState } from "react";
import type { Mapping } from "../../viewer/compare/mapping";
import { overlayOf, type OverlayState } from "../../viewer/compare/overlay";
import type { OverlaySlide } from "../../viewer/compare/overlay_tiles";
import type { PaneLink } from "../../viewer/compare/pane_link";
import type { SlideView } from "../../viewer/slide_view";

export interface OverlayLook {
  opacity: number;
  /** Drawn right of this share of the width; null for all of it. */
  swipe: number | null;
  /** Which of the two alone is shown while one blinks between them. */
  blink: "over" | "under" | null;
}

const FIRST_OPACITY = 0.5;
const MIDDLE = 0.5;
const DECIMALS = 3;

/** What an address says of it. */
export function decodeOverlay(search: URLSearchParams): OverlayLook {
  const share = (key: string) => {
    const value = Number(search.get(key) ?? NaN);
    return value >= 0 && value <= 1 ? value : null;
  };
  return { opacity: share("opacity") ?? FIRST_OPACITY, swipe: share("swipe"), blink: null };
}

export function encodeOverlay({ opacity, swipe }: OverlayLook, search: URLSearchParams): void {
  if (opacity === FIRST_OPACITY) search.delete("opacity");
  else search.set("opacity", String(Number(opacity.toFixed(2))));
  if (swipe === null) search.delete("swipe");
  else search.set("swipe", String(Number(swipe.toFixed(DECIMALS))));
}

export interface OverlayControls {
  look: OverlayLook;
  setOpacity: (opacity: number) => void;
  setSwipe: (swipe: number | null) => void;
  flipSwipe: () => void;
  /** Shows the slide on top alone, then the one under it, and so on. */
  blink: () => void;
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

/** Draws it; tells how far that is. */
export function useOverlay({ under, slide, mapping, link, place, look }: OverlayDrawn): OverlayState | null {
  const [state, setState] = useState<OverlayState | null>(null);
  const isOn = slide !== null && (mapping !== null || link !== null);
  useEffect(() => {
    if (!under || !slide) return;
    const lay = (by: Mapping) => { overlayOf(under).set({ ...slide, mapping: by }); };
    if (mapping) lay(mapping);
    else if (link) {
      lay(link.relation(place));
      return link.onChange(() => { lay(link.relation(place)); });
    }
    return;
  }, [under, slide, mapping, link, place]);
  useEffect(() => {
    if (!under || !isOn) return;
    const overlay = overlayOf(under);
    const stop = overlay.onState(setState);
    return () => {
      stop();
      setState(null);
      overlay.set(null);
    };
  }, [under, isOn]);
  useEffect(() => {
    if (!under || !isOn) return;
    const { opacity, swipe, blink } = look;
    overlayOf(under).setStyle(blink === null ? { opacity, from: swipe ?? 0 } : { opacity: blink === "over" ? 1 : 0, from: 0 });
  }, [under, isOn, look]);
  return isOn ? state : null;
}
