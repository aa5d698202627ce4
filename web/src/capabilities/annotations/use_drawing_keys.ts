import { useEffect, useRef } from "react";
import type { Annotator } from "../../viewer/annotate/annotator";

/** Things with keys of their own. */
const OWN_KEYS = "input, textarea, select, [role=tab], [role=menu], [role=listbox], [role=dialog], .popover, .veil";
/** Things that Enter, Space and arrows act on. */
const CONTROLS = "button, a, summary, [role=button], [role=toolbar]";

/** Sends keys to the annotations of the active slide, before those that move the view. */
export function useDrawingKeys(annotator: Annotator | null): void {
  const latest = useRef(annotator);
  latest.current = annotator;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (!latest.current || document.querySelector(".veil, .popover") || target?.closest(OWN_KEYS)) return;
      if (latest.current.key(event, !target?.closest(CONTROLS))) event.preventDefault();
    };
    const onKeyUp = (event: KeyboardEvent) => latest.current?.keyUp(event);
    window.addEventListener("keydown", onKey, { capture: true });
    window.addEventListener("keyup", onKeyUp);
    return () => {
      window.removeEventListener("keydown", onKey, { capture: true });
      window.removeEventListener("keyup", onKeyUp);
    };
  }, []);
}
