/** Whether the server answers, and what waits until it does. */
import { create } from "zustand";
import { onReachable } from "../api/client";

interface Connection {
  reachable: boolean;
  /** How many things of each kind wait to be told to the server. */
  queued: Record<string, number>;
}

export const useConnection = create<Connection>(() => ({ reachable: true, queued: {} }));

export function setQueued(kind: string, count: number): void {
  const { queued } = useConnection.getState();
  if ((queued[kind] ?? 0) !== count) useConnection.setState({ queued: { ...queued, [kind]: count } });
}

onReachable((reachable) => {
  if (useConnection.getState().reachable !== reachable) useConnection.setState({ reachable });
});
window.addEventListener("offline", () => {
  useConnection.setState({ reachable: false });
});
