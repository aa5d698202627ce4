/** One layer on the screen: which of its parts a frame needs, and how it is coloured. */
import type { LayerManifest } from "../../api/types";
import { ABSTAINED, decodeColumn, decodeCounts, decodeOutlines, decodePoints, decodeValues, VALUE, type OutlinePart, type PointPart } from "./decode";
import { fieldOf, type Box, type Frame } from "./frame";
import { CellGrid } from "./grid";
import { rasterAt, shownAt, type Shown } from "./level";

export interface LayerLook {
  opacity: number;
  /** Indices of classes that are not drawn. */
  hidden: ReadonlySet<number>;
  /** The value column that colours cells; null for their classes. */
  column: number | null;
}

/** Stands for NaN, which shading languages need not keep. */
export const NO_VALUE = -3e38;
/** In a raster to draw: looked at, and no value given. */
export const HATCHED = 3e38;

export interface CellTile {
  name: string;
  left: number;
  top: number;
  count: number;
  points: PointPart | null;
  outlines: OutlinePart | null;
  columns: Map<number, Float32Array<ArrayBuffer>>;
  grid: CellGrid | null;
  /** Buffers of a graphics context; made and dropped by the painter. */
  gpu: object | null;
}

export interface RasterTile {
  name: string;
  left: number;
  top: number;
  /** Level-0 pixels along the tile. */
  width: number;
  side: number;
  counts: Map<number, Uint32Array<ArrayBuffer>> | null;
  /** What is drawn: counts of the classes that are on, or values. */
  values: Float32Array<ArrayBuffer> | null;
  /** Changes whenever `values` do. */
  revision: number;
  gpu: object | null;
}

export type FetchPart = (layer: string, part: string, signal: AbortSignal) => Promise<ArrayBuffer>;

const touches = (box: Box, left: number, top: number, side: number, margin: number) =>
  left - margin < box.right && left + side + margin > box.left && top - margin < box.bottom && top + side + margin > box.top;

/** Parts that are kept although the screen does not need them. */
const KEPT_TILES = 600;

export class LayerOnSlide {
  readonly cells = new Map<string, CellTile>();
  readonly rasters = new Map<string, RasterTile>();
  look: LayerLook;
  on = false;
  /** Parts that were asked for and did not come. */
  failed = 0;
  private readonly underway = new Map<string, AbortController>();
  private readonly refused = new Set<string>();

  constructor(
    readonly manifest: LayerManifest,
    private readonly fetchPart: FetchPart,
    private readonly arrived: () => void,
    private readonly dropped: (tile: CellTile | RasterTile) => void,
  ) {
    this.look = { opacity: manifest.kind === "heatmap" ? 0.35 : 0.8, hidden: new Set(), column: null };
  }

  get id(): string {
    return this.manifest.id;
  }

  get isLoading(): boolean {
    return this.underway.size > 0;
  }

  shown(frame: Frame): Shown {
    return shownAt(this.manifest, frame.ratio / frame.scale);
  }

  raster(frame: Frame): LayerManifest["rasters"][number] | undefined {
    return rasterAt(this.manifest, frame.ratio / frame.scale);
  }

  /** Cells of the classes that are on. */
  get total(): number {
    if (this.manifest.kind === "heatmap") return this.manifest.count;
    return this.manifest.classes.reduce((sum, one, index) => sum + (this.look.hidden.has(index) ? 0 : one.count), 0);
  }

  setLook(look: LayerLook): void {
    const others = look.hidden !== this.look.hidden;
    this.look = look;
    if (others) for (const tile of this.rasters.values()) this.sum(tile);
  }

  // --- what a frame shows ----------------------------------------------------------------------------------------

  cellTilesIn(frame: Frame): CellTile[] {
    const { tile_side_px: side, diameter_px: reach, tiles } = this.manifest;
    const box = fieldOf(frame);
    const found: CellTile[] = [];
    for (const [row, column, count] of tiles) {
      if (!touches(box, column * side, row * side, side, reach)) continue;
      found.push(this.cellTile(row, column, count));
    }
    return found;
  }

  private cellTile(row: number, column: number, count: number): CellTile {
    const name = `${row}/${column}`;
    let tile = this.cells.get(name);
    if (!tile) {
      const side = this.manifest.tile_side_px;
      tile = { name, left: column * side, top: row * side, count, points: null, outlines: null, columns: new Map(), grid: null, gpu: null };
    }
    // To the end: the first are those not looked at for longest.
    this.cells.delete(name);
    this.cells.set(name, tile);
    return tile;
  }

  rasterTilesIn(frame: Frame): RasterTile[] {
    const raster = this.raster(frame);
    if (!raster) return [];
    const { raster_side: side, origin_x_px: x0, origin_y_px: y0, kind } = this.manifest;
    const width = side * raster.pitch_px;
    const box = fieldOf(frame);
    const found: RasterTile[] = [];
    for (const [row, column] of raster.tiles) {
      const [left, top] = [x0 + column * width, y0 + row * width];
      if (!touches(box, left, top, width, 0)) continue;
      const name = `${kind === "heatmap" ? "values" : "counts"}/${raster.level}/${row}/${column}`;
      const tile = this.rasters.get(name) ?? { name, left, top, width, side, counts: null, values: null, revision: 0, gpu: null };
      this.rasters.delete(name);
      this.rasters.set(name, tile);
      found.push(tile);
    }
    return found;
  }

  /** Asks for what the frame needs, and for nothing else any more. */
  want(frame: Frame): void {
    const wanted = new Set(this.on ? this.missing(frame) : []);
    for (const [part, stop] of this.underway) {
      if (wanted.has(part)) continue;
      stop.abort();
      this.underway.delete(part);
    }
    for (const part of wanted) {
      if (!this.underway.has(part) && !this.refused.has(part)) void this.load(part);
    }
    this.tidy();
  }

  private missing(frame: Frame): string[] {
    const shown = this.shown(frame);
    if (shown === "density" || shown === "heatmap") return this.rasterTilesIn(frame).filter((tile) => !tile.values).map((tile) => tile.name);
    const parts: string[] = [];
    const { column } = this.look;
    for (const tile of this.cellTilesIn(frame)) {
      if (!tile.points) parts.push(`points/${tile.name}`);
      if (shown === "outlines" && !tile.outlines) parts.push(`outlines/${tile.name}`);
      if (column !== null && !tile.columns.has(column)) parts.push(`column/${column}/${tile.name}`);
    }
    return parts;
  }

  /** Tries again what failed. */
  retry(): void {
    this.refused.clear();
    this.failed = 0;
  }

  private async load(part: string): Promise<void> {
    const stop = new AbortController();
    this.underway.set(part, stop);
    try {
      this.take(part, await this.fetchPart(this.id, part, stop.signal));
    } catch {
      if (stop.signal.aborted) return;
      this.refused.add(part);
      this.failed = this.refused.size;
    }
    if (this.underway.get(part) === stop) this.underway.delete(part);
    this.arrived();
  }

  private take(part: string, bytes: ArrayBuffer): void {
    const [kind, ...rest] = part.split("/");
    if (kind === "values" || kind === "counts") {
      const tile = this.rasters.get(part);
      if (!tile) return;
      if (kind === "counts") tile.counts = decodeCounts(bytes).planes;
      else tile.values = drawn(decodeValues(bytes));
      this.sum(tile);
      return;
    }
    const tile = this.cells.get(rest.slice(-2).join("/"));
    if (!tile) return;
    if (kind === "points") tile.points = decodePoints(bytes);
    else if (kind === "outlines") tile.outlines = decodeOutlines(bytes);
    else tile.columns.set(Number(rest[0]), decodeColumn(bytes));
    this.dropped(tile);
  }

  /** Adds up the classes that are on. */
  private sum(tile: RasterTile): void {
    tile.revision += 1;
    if (!tile.counts) return;
    const values = new Float32Array(tile.side * tile.side);
    for (const [index, plane] of tile.counts) {
      if (this.look.hidden.has(index)) continue;
      for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + (plane[i] ?? 0);
    }
    tile.values = values;
  }

  private tidy(): void {
    for (const kept of [this.cells, this.rasters] as Map<string, CellTile | RasterTile>[]) {
      for (const [name, tile] of kept) {
        if (kept.size <= KEPT_TILES) break;
        kept.delete(name);
        this.dropped(tile);
      }
    }
  }

  // --- what is where -----------------------------------------------------------------------------------------------

  /** The nearest cell of a class that is on, within `reach` level-0 pixels; the tiles around must be there. */
  cellAt(frame: Frame, x: number, y: number, reach: number): { tile: CellTile; cell: number } | null {
    const side = this.manifest.tile_side_px;
    let best: { tile: CellTile; cell: number; distance: number } | null = null;
    for (const tile of this.cellTilesIn(frame)) {
      if (!tile.points || !touches({ left: x, right: x, top: y, bottom: y }, tile.left, tile.top, side, reach)) continue;
      tile.grid ??= new CellGrid(tile.points);
      for (const { cell, distance } of tile.grid.near((x - tile.left) / side, (y - tile.top) / side, reach / side)) {
        if (this.look.hidden.has(tile.points.classes[cell] ?? 0)) continue;
        if (!best || distance < best.distance) best = { tile, cell, distance };
        break;
      }
    }
    return best;
  }

  /** What the raster has at a place: a count or a value; `HATCHED` and `NO_VALUE` are what they are. */
  valueAt(frame: Frame, x: number, y: number): number | null {
    for (const tile of this.rasterTilesIn(frame)) {
      const column = Math.floor(((x - tile.left) / tile.width) * tile.side);
      const row = Math.floor(((y - tile.top) / tile.width) * tile.side);
      if (column < 0 || row < 0 || column >= tile.side || row >= tile.side || !tile.values) continue;
      return tile.values[row * tile.side + column] ?? null;
    }
    return null;
  }

  destroy(): void {
    for (const stop of this.underway.values()) stop.abort();
    this.underway.clear();
    for (const tile of [...this.cells.values(), ...this.rasters.values()]) this.dropped(tile);
    this.cells.clear();
    this.rasters.clear();
  }
}

function drawn({ values, states }: { values: Float32Array<ArrayBuffer>; states: Uint8Array<ArrayBuffer> }): Float32Array<ArrayBuffer> {
  const found = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    found[i] = states[i] === VALUE ? (values[i] ?? 0) : states[i] === ABSTAINED ? HATCHED : NO_VALUE;
  }
  return found;
}
