/**
 * What is loaded, and when: only the level that will be looked at and the coarsest one, never the levels between.
 *
 * While the view is still on its way, the tiles at its destination are fetched; what is cached of coarser levels
 * stands in for them. Once everything is there and the view rests, what came at half its resolution (slow links) is
 * brought to all of it, and then one more ring of tiles is fetched around the field.
 */
import type OpenSeadragon from "openseadragon";
import { ringAround, tilesIn, type TilePlace } from "./field_tiles";
import { tileEdges, type Edges } from "./pyramid";
import type { SlideTileSource } from "./tile_source";

const RING_AT_ONCE = 3;
const SHARPENED_AT_ONCE = 4;
const RING_AFTER_MS = 250;
const ROUNDING = 1e-9;
/** A field wider than any screen, or a view turned in a huge window, still asks for a bounded number. */
const MOST_TILES = 96;

/** What the library keeps for itself but lets subclasses change. The version is pinned; a test watches the effect. */
interface Inside {
  _compareTiles(best: unknown[], tile: OpenSeadragon.Tile, most: number): unknown[];
  _tilesLoading: number;
  maxTilesPerFrame: number;
  _currentMaxTilesPerFrame: number;
  /** By level, column and row: every tile that was ever looked at. */
  tilesMatrix: Record<number, Record<number, Record<number, OpenSeadragon.Tile & { loading: boolean }>>>;
}

export class LoadPolicy {
  private image: OpenSeadragon.TiledImage | null = null;
  private source: SlideTileSource | null = null;
  private readonly held = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private noticed = false;
  private sharpening: AbortController | null = null;

  /** `onSharpened` is told when a tile has got its full resolution. */
  constructor(
    private readonly viewer: OpenSeadragon.Viewer,
    private readonly minPixelRatio: number,
    private readonly onSharpened: () => void,
  ) {
    viewer.addHandler("tile-loaded", ({ tile }) => this.held.add(tile.cacheKey));
    viewer.addHandler("tile-unloaded", ({ tile }) => {
      this.held.delete(tile.cacheKey);
      this.source?.halved.delete(tile.cacheKey);
    });
    for (const move of ["pan", "zoom", "rotate", "flip"] as const) {
      viewer.addHandler(move, () => {
        this.notice();
      });
    }
    viewer.addHandler("animation-finish", () => {
      this.planRing();
    });
  }

  /** Whether something in the field has half its resolution only. */
  get isSoft(): boolean {
    return this.softTiles(true).length > 0;
  }

  /** From now on this image is the one looked at; images before it load nothing more. */
  govern(image: OpenSeadragon.TiledImage, source: SlideTileSource): void {
    this.sharpening?.abort();
    this.source?.shelf.clear();
    // Jobs that wait are for tiles of the image before.
    this.viewer.imageLoader.clear();
    this.image = image;
    this.source = source;
    const inside = image as unknown as Inside;
    const compare = inside._compareTiles.bind(image);
    inside._compareTiles = (best, tile, most) => {
      if (this.mayLoad(image, tile.level)) return compare(best, tile, most);
      // Still missing on the screen: or the view would be called sharp on its way through this level.
      inside._tilesLoading++;
      return best;
    };
    image.addHandler("fully-loaded-change", ({ fullyLoaded }) => {
      if (fullyLoaded) this.planRing();
    });
    this.allow();
  }

  /** Lets as many tiles be on their way as the level that is headed for allows. */
  private allow(): void {
    const { image, source } = this;
    if (!image || !source) return;
    const atOnce = source.atOnce(this.levelOf(false));
    Object.assign(image as unknown as Inside, { maxTilesPerFrame: atOnce, _currentMaxTilesPerFrame: atOnce });
    (this.viewer.imageLoader as unknown as { jobLimit: number }).jobLimit = atOnce;
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.sharpening?.abort();
    this.source?.shelf.clear();
    this.image = null;
  }

  private mayLoad(image: OpenSeadragon.TiledImage, level: number): boolean {
    if (image !== this.image) return false;
    return level === 0 || level === this.levelOf(this.isStill());
  }

  /** The finest level that the library draws, where the view is (`now`) or where it is heading. */
  private levelOf(now: boolean): number {
    const source = this.source;
    if (!source) return 0;
    for (let level = source.maxLevel; level > 0; level--) {
      // The published type says number; the library returns, and itself uses, a Point.
      const pixel = source.getPixelRatio(level) as unknown as OpenSeadragon.Point;
      const ratio = this.viewer.viewport.deltaPixelsFromPointsNoRotate(pixel, now).x;
      if (ratio >= this.minPixelRatio) return level;
    }
    return 0;
  }

  private isStill(): boolean {
    const viewport = this.viewer.viewport;
    const [at, to] = [viewport.getBounds(true), viewport.getBounds(false)];
    // The library zooms by logarithms and may end a rounding away from where it was heading.
    const near = (a: number, b: number) => Math.abs(a - b) <= ROUNDING * to.width;
    return near(at.x, to.x) && near(at.y, to.y) && near(at.width, to.width) && at.degrees === to.degrees;
  }

  /** One move of a person or a programme tells itself several times; it is looked at once. */
  private notice(): void {
    clearTimeout(this.timer);
    if (this.noticed) return;
    this.noticed = true;
    queueMicrotask(() => {
      this.noticed = false;
      this.headOut();
    });
  }

  private headOut(): void {
    if (!this.image || !this.source) return;
    this.sharpening?.abort();
    this.allow();
    if (this.isStill()) {
      this.source.shelf.want([], 0);
      this.planRing();
      return;
    }
    const level = this.levelOf(false);
    this.source.shelf.want(this.missing(tilesIn(this.source.levelAt(level), level, this.field())), this.source.atOnce(level));
  }

  private planRing(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.image?.getFullyLoaded() || !this.source || !this.isStill()) return;
      forgetEmptyTiles(this.image);
      const soft = this.softTiles(false);
      if (soft.length > 0) {
        void this.sharpen(this.source, soft);
        return;
      }
      const level = this.levelOf(true);
      this.source.shelf.want(this.missing(ringAround(this.source.levelAt(level), level, this.field())), RING_AT_ONCE);
    }, RING_AFTER_MS);
  }

  private async sharpen(source: SlideTileSource, keys: readonly string[]): Promise<void> {
    this.sharpening?.abort();
    const stop = new AbortController();
    this.sharpening = stop;
    const waiting = [...keys];
    let failed = false;
    const work = async () => {
      for (let key = waiting.shift(); key !== undefined && !stop.signal.aborted; key = waiting.shift()) {
        await source.sharpen(key, stop.signal).then(this.onSharpened, () => { failed = true; });
      }
    };
    await Promise.all(Array.from({ length: SHARPENED_AT_ONCE }, work));
    // What did not come is asked for again with the next move: a link that is down is not hammered.
    if (!stop.signal.aborted && !failed) this.planRing();
  }

  /** Of the tiles in the field, what those are cached under that have half their resolution. */
  private softTiles(now: boolean): string[] {
    const { source } = this;
    if (!source || source.halved.size === 0) return [];
    const level = this.levelOf(now);
    const field = this.field(now);
    return [...source.halved].flatMap(([key, { place }]) => {
      if (place.level !== level) return [];
      const { left, top, right, bottom } = tileEdges(source.levelAt(level), place.x, place.y);
      return left < field.right && right > field.left && top < field.bottom && bottom > field.top ? [key] : [];
    });
  }

  private missing(tiles: TilePlace[]): TilePlace[] {
    const source = this.source;
    if (!source) return [];
    return tiles
      .filter(({ level, x, y }) => !this.held.has(source.getTileHashKey(level, x, y)) && !source.isLoading(level, x, y))
      .slice(0, MOST_TILES);
  }

  /** Where the view is (`now`) or is heading, in full-resolution pixels; of a turned view the upright box around it. */
  private field(now = false): Edges {
    const box = this.viewer.viewport.getBounds(now).getBoundingBox();
    const width = this.source?.dimensions.x ?? 1;
    return { left: box.x * width, top: box.y * width, right: (box.x + box.width) * width, bottom: (box.y + box.height) * width };
  }
}

/** The library never forgets a tile that it once looked at; what holds nothing is made anew when it is needed. */
function forgetEmptyTiles(image: OpenSeadragon.TiledImage): void {
  const { tilesMatrix } = image as unknown as Inside;
  for (const columns of Object.values(tilesMatrix)) {
    for (const [x, rows] of Object.entries(columns)) {
      const kept = Object.entries(rows).filter(([, tile]) => tile.loaded || tile.loading);
      if (kept.length > 0) columns[Number(x)] = Object.fromEntries(kept);
      else Reflect.deleteProperty(columns, x);
    }
  }
}
