/** Keeps the address of the page in step with the view, without telling the router on every move. */

const WRITE_DELAY_MS = 250;
/** What waits, and for which page: after a step to another one it must not be written there. */
let pending: { path: string; search: URLSearchParams } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export function currentSearch(): URLSearchParams {
  const waits = pending?.path === window.location.pathname ? pending.search : null;
  return new URLSearchParams(waits ?? window.location.search);
}

function flush(): void {
  if (!pending) return;
  const { path, search } = pending;
  dropWaiting();
  if (path !== window.location.pathname) return;
  const text = search.toString();
  const url = window.location.pathname + (text && `?${text}`);
  // The router patches the instance's method to notice changes; the prototype's does not wake it.
  History.prototype.replaceState.call(window.history, window.history.state, "", url);
}

/** Changes the search part of the address soon; many changes in a row become one. */
export function writeSearch(change: (search: URLSearchParams) => void): void {
  const search = currentSearch();
  change(search);
  pending = { path: window.location.pathname, search };
  timer ??= setTimeout(flush, WRITE_DELAY_MS);
}

/** Writes what waits, before one leaves the page by a link. */
export function writeNow(): void {
  flush();
}

/** Forgets what waits: it belongs to a page that is gone. */
export function dropWaiting(): void {
  pending = null;
  clearTimeout(timer);
  timer = undefined;
}
