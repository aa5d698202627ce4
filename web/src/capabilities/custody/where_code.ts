/** The code that is looked for: kept while the page lives, and in no address. */
import { create } from "zustand";

export const useWhereCode = create<{ code: string }>(() => ({ code: "" }));
