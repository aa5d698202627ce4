/** How fast tiles come over this link, as the browser's network layer timed them. Knows no framework. */

/** Kilobytes a second below which a link counts as slow: at 4 Mbit/s a field of 24 tiles of 30 kB takes 1.5 s. */
export const SLOW_BELOW = 500;
/** And above which it does so no more; the gap keeps it from changing its mind all the time. */
export const FAST_ABOVE = 1000;
/** Tiles that are remembered, and fewest that say something. */
const REMEMBERED = 24;
const FEWEST = 6;
/** Smaller answers, as blank tiles, say nothing of a link. */
const LEAST_BYTES = 1000;
const SHORTEST_MS = 0.5;

/** When the body of an answer came, and how large it was. */
export interface Transfer {
  from: number;
  to: number;
  bytes: number;
}

export class LinkMeter {
  private readonly last: Transfer[] = [];
  private slow = false;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly isSlow = (): boolean => this.slow;

  /** Kilobytes a second over the time in which anything came; null while too little is known. */
  get speed(): number | null {
    if (this.last.length < FEWEST) return null;
    const bytes = this.last.reduce((sum, one) => sum + one.bytes, 0);
    return bytes / Math.max(SHORTEST_MS, busy(this.last));
  }

  note(transfer: Transfer): void {
    if (transfer.bytes < LEAST_BYTES) return;
    this.last.push(transfer);
    if (this.last.length > REMEMBERED) this.last.shift();
    const { speed } = this;
    if (speed === null) return;
    const slow = this.slow ? speed < FAST_ABOVE : speed < SLOW_BELOW;
    if (slow === this.slow) return;
    this.slow = slow;
    for (const listener of this.listeners) listener();
  }

  /** Listens to what the browser fetches from here on. Waiting for the server is not the link's. */
  watch(): void {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as PerformanceResourceTiming[]) {
        // What came out of the browser's own cache crossed no link.
        if (!entry.name.includes("/tiles/") || entry.transferSize === 0) continue;
        this.note({ from: entry.responseStart, to: entry.responseEnd, bytes: entry.encodedBodySize });
      }
    });
    observer.observe({ type: "resource" });
  }
}

/** Milliseconds in which at least one of these came. */
function busy(transfers: readonly Transfer[]): number {
  let sum = 0;
  let until = -Infinity;
  for (const { from, to } of [...transfers].sort((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}
