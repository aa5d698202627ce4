/** A list that is gone through by keys, wherever on its page the focus is. */
import { useEffect, useRef, type RefObject } from "react";

export interface ListKeys {
  total: number;
  active: number;
  /** How far each key goes. */
  steps: Readonly<Record<string, number>>;
  select: (index: number) => void;
  /** Null where nothing is selected. */
  open: (() => void) | null;
  searchInput?: RefObject<HTMLInputElement | null>;
  /** Keys of the page's own. Tells whether it was one. */
  more?: (key: string) => boolean;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

function act({ total, active, steps, select, open, searchInput, more }: ListKeys, key: string): boolean {
  const step = steps[key];
  if (key === "/" && searchInput) searchInput.current?.focus();
  // Nothing to go through: whatever else is on the page keeps its keys.
  else if (total === 0) return more?.(key) ?? false;
  else if (step !== undefined) select(active < 0 ? 0 : active + step);
  else if (key === "Home") select(0);
  else if (key === "End") select(total - 1);
  else if (key === "Enter" && open) open();
  else return more?.(key) ?? false;
  return true;
}

export function useListKeys(keys: ListKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { active, select, searchInput } = latest.current;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector(".veil, .popover")) return;
      if (isTyping(event.target)) {
        if (event.key !== "ArrowDown" || event.target !== searchInput?.current) return;
        searchInput?.current?.blur();
        select(Math.max(active, 0));
      } else {
        if (event.target instanceof HTMLElement && event.target.closest("button, a") && ["Enter", " "].includes(event.key)) return;
        if (!act(latest.current, event.key)) return;
      }
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => { window.removeEventListener("keydown", onKey); };
  }, []);
}
