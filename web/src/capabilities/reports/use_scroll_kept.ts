import { useLayoutEffect, type RefObject } from "react";

/** Where one was in the report of a case: the next slide of it brings the report along as it stood. */
const places = new Map<string, number>();

export function useScrollKept(element: RefObject<HTMLElement | null>, caseId: string): void {
  useLayoutEffect(() => {
    const scrolled = element.current;
    if (!scrolled) return;
    scrolled.scrollTop = places.get(caseId) ?? 0;
    const note = () => { places.set(caseId, scrolled.scrollTop); };
    scrolled.addEventListener("scroll", note, { passive: true });
    return () => { scrolled.removeEventListener("scroll", note); };
  }, [element, caseId]);
}
