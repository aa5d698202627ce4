/** Whether the server answers. */
import { create } from "zustand";
import { onReachable } from "../api/client";

export const useConnection = create<{ reachable: boolean }>(() => ({ reachable: true }));

onReachable((reachable) => {
  if (useConnection.getState().reachable !== reachable) useConnection.setState({ reachable });
});
window.addEventListener("offline", () => {
  useConnection.setState({ reachable: false });
});
