/** Which dialog of the whole app is open, one at a time, and what was typed for the palette, which may not be shown yet. */
import { create } from "zustand";

interface Dialogs {
  open: "settings" | "palette" | null;
  typed: string;
  /** Enter was pressed before its field could take keys. */
  entered: boolean;
}

const CLOSED: Dialogs = { open: null, typed: "", entered: false };

export const useDialogs = create<Dialogs>(() => CLOSED);

export const closeDialog = () => {
  useDialogs.setState(CLOSED);
};
