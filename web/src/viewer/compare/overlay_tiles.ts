/** Tiles of the slide that lies over another: fetched for what the field shows, kept within bounds. */
import type { Opening } from "../../api/types";
import { tilesIn, type TilePlace } from "../field_tiles";
import { coarsestFirst, tileEdges, type Edges } from "../pyramid";
import { SlideTileSource, type TileSourceOptions } from "../tile_source";

export interface OverlaySlide {
  opening: Opening;
  plane: TileSourceOptions["plane"];
  /** "0", or the composite address. */
  channel: string;
  renew: () => Promise<Opening>;
}

/** A tile that should be drawn, and the one whose picture stands for it until it is there. */
export interface Due {
  edges: Edges;
  picture: Picture;
}

export interface Picture {
  edges: Edges;
  bitmap: ImageBitmap;
}

const LOADS_AT_ONCE = 8;
const MOST_KEPT = 192;
/** Fewer than are kept, or what is fetched would push out what is shown. */
const MOST_WANTED = 160;
/** A field wider than this many tiles is drawn from the next coarser level, and says so. */
const MOST_IN_FIELD = 140;
/** Pixels of the level that one pixel of the screen may hold. */
const SHRINKS = 1.5;
const keyOf = ({ level, x, y }: TilePlace) => `${level}/${x}/${y}`;

export class OverlayTiles {
  private readonly source: SlideTileSource;
  private readonly held = new Map<string, ImageBitmap>();
  private readonly underway = new Map<string, { stop: () => void }>();
  private readonly levels;
  private wanted: TilePlace[] = [];
  /** Tiles that could not be had. */
  failed = 0;
  /** Whether the screen could show more than is drawn. */
  reduced = false;

  constructor(
    slide: OverlaySlide,
    private readonly changed: () => void,
    private readonly dropped: (bitmap: ImageBitmap) => void,
  ) {
    this.levels = coarsestFirst(slide.opening.levels);
    const report = ({ failed }: { failed: number }) => {
      this.failed = failed;
      changed();
    };
    this.source = new SlideTileSource({ ...slide, sampleType: null, reduces: () => false, report });
  }

  /** Whether anything that the field needs is still on its way. */
  get pending(): boolean {
    return this.wanted.some((tile) => !this.held.has(keyOf(tile)));
  }

  /** What to draw of a field, level-0 pixels, where a screen pixel holds so many of them; asks for what is missing. */
  due(field: Edges, perPixel: number): Due[] {
    const level = this.levelFor(field, perPixel);
    const tiles = tilesIn(this.source.levelAt(level), level, field);
    this.want(level === 0 ? tiles : [...tilesIn(this.source.levelAt(0), 0, field), ...tiles], field);
    return tiles.flatMap((tile) => {
      const picture = this.pictureFor(tile);
      return picture ? [{ edges: this.edgesOf(tile), picture }] : [];
    });
  }

  /** Asks again for all of it: what failed, or what was lost with a graphics context. */
  retry(): void {
    for (const key of this.held.keys()) this.drop(key);
    this.source.forgive();
    this.changed();
  }

  destroy(): void {
    for (const { stop } of this.underway.values()) stop();
    this.underway.clear();
    for (const key of this.held.keys()) this.drop(key);
  }

  private levelFor(field: Edges, perPixel: number): number {
    const fits = (level: number) => tilesIn(this.source.levelAt(level), level, field).length <= MOST_IN_FIELD;
    let level = this.levels.findIndex(({ downsample }) => downsample <= perPixel * SHRINKS);
    if (level < 0) level = this.levels.length - 1;
    const sharp = level;
    while (level > 0 && !fits(level)) level--;
    this.reduced = level < sharp;
    return level;
  }

  private edgesOf({ level, x, y }: TilePlace): Edges {
    return tileEdges(this.source.levelAt(level), x, y);
  }

  /** The tile itself, or the finest coarser one that is here and holds its middle. */
  private pictureFor(tile: TilePlace): Picture | null {
    const edges = this.edgesOf(tile);
    const middle = { left: (edges.left + edges.right) / 2, top: (edges.top + edges.bottom) / 2 };
    const spot = { ...middle, right: middle.left, bottom: middle.top };
    for (let level = tile.level; level >= 0; level--) {
      const stand = level === tile.level ? tile : tilesIn(this.source.levelAt(level), level, spot)[0];
      const bitmap = stand && this.held.get(keyOf(stand));
      if (stand && bitmap) return { edges: this.edgesOf(stand), bitmap };
    }
    return null;
  }

  private want(tiles: TilePlace[], field: Edges): void {
    const [x, y] = [(field.left + field.right) / 2, (field.top + field.bottom) / 2];
    const away = (tile: TilePlace) => {
      const edges = this.edgesOf(tile);
      return Math.hypot((edges.left + edges.right) / 2 - x, (edges.top + edges.bottom) / 2 - y);
    };
    this.wanted = tiles.sort((one, other) => Number(one.level > 0) - Number(other.level > 0) || away(one) - away(other)).slice(0, MOST_WANTED);
    const keys = new Set(this.wanted.map(keyOf));
    for (const [key, { stop }] of this.underway) {
      if (keys.has(key)) continue;
      stop();
      this.underway.delete(key);
    }
    for (const key of keys) {
      const bitmap = this.held.get(key);
      // What is looked at now is the last to go.
      if (bitmap && this.held.delete(key)) this.held.set(key, bitmap);
    }
    this.load();
  }

  private load(): void {
    for (const tile of this.wanted) {
      if (this.underway.size >= LOADS_AT_ONCE) return;
      const key = keyOf(tile);
      if (!this.held.has(key) && !this.underway.has(key)) this.fetch(tile, key);
    }
  }

  /** By the same way as tiles of any slide: with patience, a renewed ticket, and hatching for what cannot be had. */
  private fetch(tile: TilePlace, key: string): void {
    const job = {
      tile,
      userData: {} as { stop?: AbortController },
      finish: (data: unknown) => {
        if (this.underway.get(key)?.stop !== stop) {
          (data as ImageBitmap).close();
          return;
        }
        this.underway.delete(key);
        this.keep(key, data as ImageBitmap);
        this.load();
        this.changed();
      },
      fail: () => {
        if (this.underway.get(key)?.stop === stop) this.underway.delete(key);
      },
    };
    const stop = () => job.userData.stop?.abort();
    this.underway.set(key, { stop });
    this.source.downloadTileStart(job as never);
  }

  private keep(key: string, bitmap: ImageBitmap): void {
    this.held.set(key, bitmap);
    for (const oldest of this.held.keys()) {
      if (this.held.size <= MOST_KEPT) return;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    const bitmap = this.held.get(key);
    this.held.delete(key);
    if (!bitmap) return;
    this.dropped(bitmap);
    bitmap.close();
  }
}
