/** Installs the app's own files for the time without a connection, and tells when the server has a newer release. */
import { create } from "zustand";

const FIRST_AFTER_MS = 3000;
const LOOK_EVERY_MS = 60 * 60 * 1000;

/** The newer release that waits to be used, if there is one. */
export const useRelease = create<{ waiting: ServiceWorker | null }>(() => ({ waiting: null }));

/** Goes on with the newer release: the page loads anew. */
export function takeRelease(): void {
  const { waiting } = useRelease.getState();
  if (!waiting) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => { window.location.reload(); }, { once: true });
  waiting.postMessage("use");
}

function follow(registration: ServiceWorkerRegistration): void {
  const look = () => {
    // The first one ever is no newer release.
    useRelease.setState({ waiting: navigator.serviceWorker.controller ? registration.waiting : null });
  };
  look();
  registration.addEventListener("updatefound", () => { registration.installing?.addEventListener("statechange", look); });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
}

/** Where the browser allows it: over HTTPS, or on the machine itself. */
export function keepRelease(): void {
  if (!("serviceWorker" in navigator)) return;
  // The first slide comes first.
  setTimeout(() => {
    navigator.serviceWorker.register("/sw.js").then(
      (registration: ServiceWorkerRegistration | undefined) => { if (registration) follow(registration); },
      () => undefined,
    );
  }, FIRST_AFTER_MS);
}
