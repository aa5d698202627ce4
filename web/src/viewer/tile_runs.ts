/** Neighbours in a row asked for in one request: most of what a small tile costs is asking for it. */
import type { TilePlace } from "./field_tiles";

/** As long as a server lets a run be, or longer than any screen is wide. */
const LONGEST_RUN = 32;

/** Tiles of one row, `first` to `last`. */
export interface Run {
  level: number;
  y: number;
  first: number;
  last: number;
}

/**
 * The tiles of a run out of one answer: `lengths` names the bytes of each in their order, parted by commas, 0 where there is no tile.
 * Throws where it does not fit the run or the body, such as after a proxy that drops headers it does not know.
 */
export function cutRun({ first, last }: Pick<Run, "first" | "last">, lengths: string | null, body: Blob): (Blob | null)[] {
  const bytes = (lengths ?? "").split(",").map((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN));
  const isWhole = bytes.length === last - first + 1 && bytes.reduce((sum, length) => sum + length, 0) === body.size;
  if (!isWhole) throw new Error("A run of tiles came without the lengths of its tiles.");
  let from = 0;
  return bytes.map((length) => (length > 0 ? body.slice(from, (from += length)) : null));
}

/** Somebody who waits for a tile. `C` is what comes of one. */
interface Wanted<C> {
  tile: TilePlace;
  signal: AbortSignal;
  resolve: (content: C | undefined) => void;
  reject: (reason: unknown) => void;
}

export class TileRuns<C> {
  private waiting: Wanted<C>[] = [];

  /** `fetchRun` brings all tiles of a run, from the first to the last. */
  constructor(private readonly fetchRun: (run: Run, signal: AbortSignal) => Promise<C[]>) {}

  /** The tile, together with its neighbours that are wanted in the same moment; undefined when none of them is. */
  take(tile: TilePlace, signal: AbortSignal): Promise<C | undefined> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) {
        queueMicrotask(() => {
          this.start();
        });
      }
      this.waiting.push({ tile, signal, resolve, reject });
    });
  }

  private start(): void {
    const wanted = this.waiting;
    this.waiting = [];
    for (const row of rowsOf(wanted)) {
      for (const run of runsOf(row)) void this.bring(run);
    }
  }

  private async bring(wanted: Wanted<C>[]): Promise<void> {
    const [first, last] = [wanted[0]?.tile, wanted.at(-1)?.tile];
    if (!first || !last) return;
    if (first.x === last.x) {
      for (const one of wanted) one.resolve(undefined);
      return;
    }
    try {
      const tiles = await this.fetchRun({ level: first.level, y: first.y, first: first.x, last: last.x }, whenAllAbort(wanted));
      for (const one of wanted) one.resolve(tiles[one.tile.x - first.x]);
    } catch (error) {
      for (const one of wanted) one.reject(error);
    }
  }
}

/** The row in which the first wanted tile lies comes first. */
function rowsOf<C>(wanted: Wanted<C>[]): Wanted<C>[][] {
  const rows = new Map<string, Wanted<C>[]>();
  for (const one of wanted) {
    const key = `${one.tile.level}/${one.tile.y}`;
    const row = rows.get(key);
    if (row) row.push(one);
    else rows.set(key, [one]);
  }
  return [...rows.values()];
}

/** Cuts a row where a tile between is not wanted, and where a run would grow too long. */
function runsOf<C>(row: Wanted<C>[]): Wanted<C>[][] {
  const runs: Wanted<C>[][] = [];
  for (const one of row.sort((a, b) => a.tile.x - b.tile.x)) {
    const run = runs.at(-1);
    const [first, last] = [run?.[0], run?.at(-1)];
    const isNext = first && last && one.tile.x <= last.tile.x + 1 && one.tile.x < first.tile.x + LONGEST_RUN;
    if (run && isNext) run.push(one);
    else runs.push([one]);
  }
  return runs;
}

/** Aborts once nobody waits any more. */
function whenAllAbort<C>(wanted: Wanted<C>[]): AbortSignal {
  const stop = new AbortController();
  const look = () => {
    if (wanted.every(({ signal }) => signal.aborted)) stop.abort();
  };
  for (const { signal } of wanted) signal.addEventListener("abort", look, { once: true });
  look();
  return stop.signal;
}
