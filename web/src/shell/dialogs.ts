/** Which dialog of the whole app is open, one at a time, and what was typed for the palette before it could be shown. */
import { create } from "zustand";

interface Dialogs {
  open: "settings" | "palette" | null;
  typed: string;
  /** Enter was pressed after it. */
  entered: boolean;
}

const CLOSED: Dialogs = { open: null, typed: "", entered: false };

export const useDialogs = create<Dialogs>(() => CLOSED);

export const closeDialog = () => {
  useDialogs.setState(CLOSED);
};
