/**
 * Keeps the files of one release of the app, so that it opens without a connection. Nothing of a patient, no tile and no
 * answer of the API ever enters its cache: what is not in the list that the build made is left to the browser.
 */
import { wayOf, type Asked } from "./rules";

/** Replaced by the build: paths of the release, and what tells it from others. */
declare const RELEASE: { files: string[]; version: string };

interface Waits {
  waitUntil: (work: Promise<unknown>) => void;
}

interface Fetched {
  request: Request & Asked;
  respondWith: (answer: Promise<Response>) => void;
}

/** The names of the worker's world that are used here; its types and those of pages cannot be loaded together. */
interface World {
  addEventListener: ((type: "install" | "activate", listener: (event: Waits) => void) => void) &
    ((type: "fetch", listener: (event: Fetched) => void) => void) &
    ((type: "message", listener: (event: { data: unknown }) => void) => void);
  clients: { claim: () => Promise<void> };
  location: { origin: string };
  skipWaiting: () => Promise<void>;
}

const world = self as unknown as World;
const PREFIX = "hemalum-";
const NAME = PREFIX + RELEASE.version;
const APP = "/index.html";
const files = new Set(RELEASE.files);

world.addEventListener("install", (event) => {
  // Past the browser's cache, which may hold a page of another release.
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(RELEASE.files.map((path) => new Request(path, { cache: "reload" })))));
});

world.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
    await world.clients.claim();
  };
  event.waitUntil(tidy());
});

world.addEventListener("message", ({ data }) => {
  if (data === "use") void world.skipWaiting();
});

const kept = async (path: string): Promise<Response | undefined> => (await caches.open(NAME)).match(path);

world.addEventListener("fetch", (event) => {
  const { request } = event;
  const way = wayOf(request, world.location.origin, files);
  if (way === "file") event.respondWith(kept(new URL(request.url).pathname).then((found) => found ?? fetch(request)));
  // The server knows best which release it serves; only silence is answered from here.
  if (way === "page") event.respondWith(fetch(request).catch(async (error: unknown) => (await kept(APP)) ?? Promise.reject(error as Error)));
});
