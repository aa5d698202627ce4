import { useEffect, useRef, useSyncExternalStore } from "react";
import { chordOf } from "../../../viewer/bindings";
import { bindings, steer, type ViewerAction } from "../../../viewer/keys";
import type { SlideView } from "../../../viewer/slide_view";

/** Things with keys of their own. */
const OWN_KEYS = "input, textarea, select, [role=tab], [role=menu], [role=listbox], [role=dialog], .popover, .veil";

export type Actions = Partial<Record<ViewerAction, () => void>>;

/**
 * Sends keys to the active slide, and by what they are bound to, to `actions`.
 *
 * Where one of several panes can be moved alone (`nudges`), keys that steer do so with Alt too.
 */
export function useViewerKeys(view: SlideView | null, actions: Actions, nudges: boolean): void {
  const latest = useRef({ view, actions, nudges });
  latest.current = { view, actions, nudges };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (document.querySelector(".veil, .popover")) return;
      if (event.target instanceof HTMLElement && event.target.closest(OWN_KEYS)) return;
      const { view: active, actions: table, nudges: mayNudge } = latest.current;
      const bound = actionOf(event, event.altKey);
      const action = bound ?? (mayNudge && event.altKey ? actionOf(event, false) : null);
      if (action === null) return;
      const run = bound && table[action];
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

function actionOf({ key, code, ctrlKey, metaKey, shiftKey }: KeyboardEvent, altKey: boolean): ViewerAction | null {
  const chord = chordOf({ key, code, ctrlKey, metaKey, shiftKey, altKey });
  return chord === null ? null : bindings.actionOf(chord);
}

/** Renders anew when somebody changes keys, so that every tooltip tells the present ones. */
export function useBindings(): void {
  useSyncExternalStore(bindings.subscribe, () => bindings.version);
}
