import { useEffect, useRef } from "react";
import { steer } from "../../../viewer/keys";
import type { SlideView } from "../../../viewer/slide_view";

/** Things with keys of their own. */
const OWN_KEYS = "input, textarea, select, [role=tab], [role=menu], [role=listbox], [role=dialog], .popover, .veil";

/** Sends keys to the active slide, and by character to `actions`. */
export function useViewerKeys(view: SlideView | null, actions: Record<string, () => void>): void {
  const latest = useRef({ view, actions });
  latest.current = { view, actions };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector(".veil, .popover")) return;
      if (event.target instanceof HTMLElement && event.target.closest(OWN_KEYS)) return;
      const { view: active, actions: table } = latest.current;
      const action = event.ctrlKey ? undefined : table[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (action) action();
      else if (!active || !steer(active, event)) return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("keydown", onKey);
    };
  }, []);
}
