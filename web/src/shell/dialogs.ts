/** Which dialog of the whole app is open: one at a time. */
import { create } from "zustand";

export const useDialogs = create<{ open: "settings" | "palette" | null }>(() => ({ open: null }));

export const closeDialog = () => {
  useDialogs.setState({ open: null });
};
