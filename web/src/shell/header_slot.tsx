/** The middle of the header, which the page on show fills: search in the library, identity at a slide. */
import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import { create } from "zustand";

interface HeaderSlot {
  element: HTMLElement | null;
  attach: (element: HTMLElement | null) => void;
}

export const useHeaderSlot = create<HeaderSlot>((set) => ({
  element: null,
  attach: (element) => {
    set({ element });
  },
}));

export function InHeader({ children }: { children: ReactNode }) {
  const element = useHeaderSlot((state) => state.element);
  return element ? createPortal(children, element) : null;
}
