/** Calls the server; every failure is a `Problem` with one sentence for a person. */
import { saidIn } from "../i18n/sentences";
import { isAttended } from "./attended";
import type { Purpose, Sentence } from "./types";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly said: Sentence | null,
  ) {
    super(said?.template);
  }
}

/** Status of a `Problem` when no answer came at all. */
export const UNREACHABLE = 0;

/** Why the reader looks at slides, where they said so; every request carries it. */
let statedPurpose: Purpose | null = null;

export function statePurpose(purpose: Purpose | null): void {
  statedPurpose = purpose;
}

/** An address for an image element, which sends no headers. */
export function withPurpose(path: string): string {
  if (statedPurpose === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}purpose=${statedPurpose}`;
}

type Listener = (reachable: boolean) => void;
const listeners = new Set<Listener>();
const signedOutListeners = new Set<() => void>();

/** Tells when the server stops or starts answering. Returns the way to stop listening. */
export function onReachable(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells when the server answers that nobody is signed in. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as { code?: string };
  return new Problem(response.status, body.code ?? `http_${response.status}`, saidIn(body));
}

/** `fetch` with the session, the header that a foreign form cannot send, and `Problem` for every failure. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("X-Hemalum", "1");
  if (statedPurpose !== null) headers.set("X-Hemalum-Purpose", statedPurpose);
  if (!isAttended()) headers.set("X-Hemalum-Unattended", "1");
  if (!headers.has("Accept")) headers.set("Accept", "application/json");
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    for (const tell of listeners) tell(false);
    throw new Problem(UNREACHABLE, "unreachable", null);
  }
  for (const tell of listeners) tell(true);
  if (response.ok) return response;
  if (response.status === 401) for (const tell of signedOutListeners) tell();
  throw await problemOf(response);
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal ? { signal } : {});
  return (await response.json()) as T;
}

export async function sendJson<T>(method: string, path: string, body: unknown): Promise<T> {
  const response = await request(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** The name that the server gives a file. */
export const fileNameOf = (response: Response, otherwise: string): string =>
  /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? otherwise;
