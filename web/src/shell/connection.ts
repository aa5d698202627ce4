/** Whether the server answers, and what waits until it does. */
import { create } from "zustand";
import { onReachable, request } from "../api/client";

const LOOK_EVERY_MS = 5000;
const SETTLED_MS = 1000;

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

let timer: ReturnType<typeof setInterval> | undefined;

/** What needs the server is off meanwhile, so nothing else would notice that it is back. */
function look(): void {
  void request("/api/health").catch(() => undefined);
}

function learn(reachable: boolean): void {
  if (useConnection.getState().reachable === reachable) return;
  useConnection.setState({ reachable });
  document.documentElement.dataset["offline"] = reachable ? "" : "yes";
  clearInterval(timer);
  if (!reachable) timer = setInterval(look, LOOK_EVERY_MS);
}

/** Links to files of the server, which a browser would follow into an error of its own. */
const FILES = 'a[download][href^="/"]';

window.addEventListener(
  "click",
  (event) => {
    if (!useConnection.getState().reachable && event.target instanceof Element && event.target.closest(FILES)) event.preventDefault();
  },
  { capture: true },
);

onReachable(learn);
window.addEventListener("offline", () => {
  learn(false);
  // An answer that was on its way may still come; what counts is one that is asked for from now on.
  setTimeout(look, SETTLED_MS);
});
window.addEventListener("online", look);
