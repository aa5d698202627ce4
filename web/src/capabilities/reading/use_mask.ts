import { useEffect, type RefObject } from "react";
import { SeenMask } from "../../viewer/seen_mask";
import type { SlideView } from "../../viewer/slide_view";
import type { LiveCoverage } from "./use_coverage";

/** Lays a veil over what was not seen, while `on`. */
export function useMask(on: boolean, element: RefObject<HTMLElement | null>, view: SlideView | null, live: LiveCoverage | null): void {
  useEffect(() => {
    if (!on || !element.current || !view || !live) return;
    const mask = new SeenMask(element.current, view, live.coverage);
    const stop = live.subscribe(() => { mask.renew(); });
    return () => {
      stop();
      mask.destroy();
    };
  }, [on, element, view, live]);
}
