/** Why the reader looks at slides: kept for this browser window, sent along with every request. */
import { create } from "zustand";
import { statePurpose } from "../../../api/client";
import type { Purpose } from "../../../api/types";

const KEY = "hemalum.purpose";

interface PurposeState {
  /** Null where nothing was said: the server takes the first that the reader's roles allow. */
  purpose: Purpose | null;
  setPurpose: (purpose: Purpose) => void;
}

const kept = sessionStorage.getItem(KEY) as Purpose | null;
statePurpose(kept);

export const usePurpose = create<PurposeState>((set) => ({
  purpose: kept,
  setPurpose: (purpose) => {
    sessionStorage.setItem(KEY, purpose);
    statePurpose(purpose);
    set({ purpose });
  },
}));
