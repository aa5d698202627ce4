import { useEffect, useRef, useSyncExternalStore } from "react";
import { chordOf } from "../../../viewer/bindings";
import { bindings, steer, type ViewerAction } from "../../../viewer/keys";
import type { SlideView } from "../../../viewer/slide_view";

/** Things with keys of their own. */
const OWN_KEYS = "input, textarea, select, [role=tab], [role=menu], [role=listbox], [role=dialog], .popover, .veil";

export type Actions = Partial<Record<ViewerAction, () => void>>;

/** Sends keys to the active slide, and by what they are bound to, to `actions`. */
export function useViewerKeys(view: SlideView | null, actions: Actions): void {
  const latest = useRef({ view, actions });
  latest.current = { view, actions };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (document.querySelector(".veil, .popover")) return;
      if (event.target instanceof HTMLElement && event.target.closest(OWN_KEYS)) return;
      const chord = chordOf(event);
      const action = chord === null ? null : bindings.actionOf(chord);
      if (action === null) return;
      const { view: active, actions: table } = latest.current;
      const run = table[action];
      if (run) run();
      else if (!active || !steer(active, action)) return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("keydown", onKey);
    };
  }, []);
}

/** Renders anew when somebody changes keys, so that every tooltip tells the present ones. */
export function useBindings(): void {
  useSyncExternalStore(bindings.subscribe, () => bindings.version);
}
