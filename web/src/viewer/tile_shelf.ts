/** Tiles that were fetched before anything drew them: bounded, and given up when no longer wanted. */

interface Item<C> {
  promise: Promise<C>;
  stop: AbortController;
  /** Bytes once it is here; null while on its way. */
  bytes: number | null;
}

/** `T` names a tile, `C` is what comes of it: its `size` is in bytes, and a blank one may be null. */
export class TileShelf<T, C extends { readonly size: number } | null> {
  /** By key, oldest first. */
  private readonly items = new Map<string, Item<C>>();
  private waiting: T[] = [];
  private underway = 0;
  private atOnce = 0;

  /**
   * `fetchTile` brings a tile. At most `maxBytes` of arrived tiles are kept, and as many tiles as
   * `maxTiles`; the oldest go first.
   */
  constructor(
    private readonly keyOf: (tile: T) => string,
    private readonly fetchTile: (tile: T, signal: AbortSignal) => Promise<C>,
    private readonly maxBytes: number,
    private readonly maxTiles: number,
  ) {}

  get size(): number {
    return this.items.size;
  }

  get bytes(): number {
    let sum = 0;
    for (const item of this.items.values()) sum += item.bytes ?? 0;
    return sum;
  }

  /** Fetches these, in this order, `atOnce` at a time; whatever else is on its way is cancelled. */
  want(tiles: readonly T[], atOnce: number): void {
    const keys = new Set(tiles.map(this.keyOf));
    for (const [key, item] of this.items) {
      if (item.bytes !== null || keys.has(key)) continue;
      this.items.delete(key);
      item.stop.abort();
    }
    this.waiting = tiles.filter((tile) => !this.items.has(this.keyOf(tile)));
    this.atOnce = atOnce;
    this.start();
  }

  /** Hands a tile over, arrived or on its way; from then on it is the caller's. Undefined when it is not here. */
  take(key: string): Promise<C> | undefined {
    const item = this.items.get(key);
    this.items.delete(key);
    return item?.promise;
  }

  clear(): void {
    this.want([], 0);
    this.items.clear();
  }

  private start(): void {
    while (this.underway < this.atOnce) {
      const tile = this.waiting.shift();
      if (tile === undefined) return;
      const stop = new AbortController();
      const item: Item<C> = { promise: this.fetchTile(tile, stop.signal), stop, bytes: null };
      const key = this.keyOf(tile);
      this.items.set(key, item);
      this.underway++;
      item.promise.then(
        (content) => {
          item.bytes = content?.size ?? 0;
          this.arrived();
        },
        () => {
          // Whoever needs it will ask again, and then hear why it cannot be had.
          if (this.items.get(key) === item) this.items.delete(key);
          this.arrived();
        },
      );
    }
  }

  private arrived(): void {
    this.underway--;
    let bytes = this.bytes;
    for (const [key, item] of this.items) {
      if (bytes <= this.maxBytes && this.items.size <= this.maxTiles) break;
      if (item.bytes === null) continue;
      this.items.delete(key);
      bytes -= item.bytes;
    }
    this.start();
  }
}
