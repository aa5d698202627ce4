/** What can be done on the screen right now, for the command palette: each page lends its own. */
import { useEffect } from "react";
import { create } from "zustand";
import type { MessageKey } from "../i18n/messages";

export interface Action {
  /** Its name; also what it is found by, in every language. */
  name: MessageKey;
  keys?: string | undefined;
  run: () => void;
}

export const useActions = create<{ lent: Record<string, readonly Action[]> }>(() => ({ lent: {} }));

/** Lends the actions of a page while it is on the screen. */
export function useLentActions(page: string, actions: readonly Action[]): void {
  useEffect(() => {
    useActions.setState(({ lent }) => ({ lent: { ...lent, [page]: actions } }));
  });
  useEffect(
    () => () => {
      useActions.setState(({ lent }) => ({ lent: Object.fromEntries(Object.entries(lent).filter(([name]) => name !== page)) }));
    },
    [page],
  );
}
