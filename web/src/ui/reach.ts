/** Whether the server answers: controls that need it are off while it does not. The bar at the top says why. */
import { createContext, useContext } from "react";

export const Reach = createContext(true);

export const useReach = (): boolean => useContext(Reach);
