/** Whether this is a tablet or a phone: fingers, or little width. The same question stands in the style sheets. */
import { useSyncExternalStore } from "react";

const QUERY = "(max-width: 900px), (pointer: coarse) and (max-width: 1400px)";

export function useCompact(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(QUERY);
      media.addEventListener("change", listener);
      return () => { media.removeEventListener("change", listener); };
    },
    () => window.matchMedia(QUERY).matches,
  );
}
