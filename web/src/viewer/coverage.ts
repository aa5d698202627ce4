/** Which cells of an image were seen at which power. Knows no framework, no server and no screen. */

/** A point of the image in pixels of level 0. */
export interface Place {
  x: number;
  y: number;
}

/** The grid of a band of powers, as the server made it. Sizes are in pixels of level 0. */
export interface Grid {
  objective: number;
  /** Level-0 pixels on one CSS pixel at this power. */
  downsample: number;
  cell_px: number;
  columns: number;
  rows: number;
}

/** Row, first column, first column after it. */
export type Run = [number, number, number];

export interface Mark {
  objective: number;
  cell_px: number;
  runs: Run[];
}

/** A picture of the whole image that says where something is: a cell is 1 or 0. */
export interface CellPicture {
  columns: number;
  rows: number;
  cells: Uint8Array;
}

/** A field a little coarser than the objective's scale still counts: screens are not exact, nor are scanners. */
const TOLERANCE = 1.05;

export class Coverage {
  readonly grids: readonly Grid[];
  private readonly seen: Uint8Array[];
  private readonly fresh: Map<number, Map<number, [number, number][]>> = new Map();
  /** By band; null when something was seen since they were counted. */
  private shares: number[] | null = null;

  /** `tissue` is null where nobody knows; shares are then of the whole image. */
  constructor(
    readonly width: number,
    readonly height: number,
    grids: readonly (Grid & { seen: Uint8Array | null })[],
    readonly tissue: CellPicture | null,
  ) {
    this.grids = grids;
    this.seen = grids.map((grid) => grid.seen ?? new Uint8Array(grid.columns * grid.rows));
  }

  /** Which band a field belongs to, by level-0 pixels on one CSS pixel; -1 below the lowest power. */
  bandOf(downsample: number): number {
    for (let band = this.grids.length - 1; band >= 0; band--) {
      if (downsample <= (this.grids[band]?.downsample ?? 0) * TOLERANCE) return band;
    }
    return -1;
  }

  /** Marks the cells whose middle lies in a convex field. Tells how many of them had not been seen. */
  mark(band: number, field: readonly Place[]): number {
    const grid = this.grids[band];
    const cells = this.seen[band];
    if (!grid || !cells) return 0;
    const last = Math.min(grid.rows - 1, Math.ceil(Math.max(...field.map(({ y }) => y)) / grid.cell_px));
    let added = 0;
    for (let row = Math.max(0, Math.floor(Math.min(...field.map(({ y }) => y)) / grid.cell_px)); row <= last; row++) {
      const span = spanAt(field, (row + 0.5) * grid.cell_px);
      if (!span) continue;
      const first = Math.max(0, Math.ceil(span[0] / grid.cell_px - 0.5));
      const end = Math.min(grid.columns, Math.floor(span[1] / grid.cell_px - 0.5) + 1);
      added += this.set(band, cells, grid, [row, first, end]);
    }
    return added;
  }

  /** Marks cells that were told elsewhere: kept in this browser, or seen in another window. */
  add(marks: readonly Mark[]): void {
    for (const { objective, cell_px, runs } of marks) {
      const band = this.grids.findIndex((grid) => grid.objective === objective && grid.cell_px === cell_px);
      const grid = this.grids[band];
      const cells = this.seen[band];
      if (!grid || !cells) continue;
      for (const run of runs) this.set(band, cells, grid, run);
    }
  }

  private set(band: number, cells: Uint8Array, grid: Grid, [row, first, end]: Run): number {
    if (row < 0 || row >= grid.rows || first < 0 || end > grid.columns) return 0;
    let added = 0;
    for (let at = row * grid.columns + first; at < row * grid.columns + end; at++) {
      if (cells[at] === 0) added++;
      cells[at] = 1;
    }
    if (added === 0) return 0;
    const rows = this.fresh.get(band) ?? new Map<number, [number, number][]>();
    rows.set(row, joined([...(rows.get(row) ?? []), [first, end]]));
    this.fresh.set(band, rows);
    this.shares = null;
    return added;
  }

  /** What was marked since the last time this was asked. */
  takeFresh(): Mark[] {
    const marks: Mark[] = [];
    for (const [band, rows] of this.fresh) {
      const grid = this.grids[band];
      if (!grid) continue;
      const runs = [...rows].flatMap(([row, spans]) => spans.map(([first, end]): Run => [row, first, end]));
      marks.push({ objective: grid.objective, cell_px: grid.cell_px, runs });
    }
    this.fresh.clear();
    return marks;
  }

  /** Whether a place was seen in this band or a higher one. */
  isSeen(x: number, y: number, band: number): boolean {
    for (let at = band; at < this.grids.length; at++) {
      const grid = this.grids[at];
      if (!grid) continue;
      const column = Math.min(grid.columns - 1, Math.floor(x / grid.cell_px));
      const row = Math.min(grid.rows - 1, Math.floor(y / grid.cell_px));
      if (this.seen[at]?.[row * grid.columns + column] === 1) return true;
    }
    return false;
  }

  /** How much of the tissue was seen in this band or a higher one; 1 without tissue. */
  share(band: number): number {
    this.shares ??= this.countShares();
    return this.shares[band] ?? 1;
  }

  /** Of all bands in one pass: they are counted anew with every field that is looked at, over a hundred thousand places. */
  private countShares(): number[] {
    const { columns, rows, cells } = this.places();
    // From the highest power down: what is seen at a power is seen at the lower ones too.
    const looked = this.grids.flatMap((grid, band) => {
      const seen = this.seen[band];
      if (!seen?.includes(1)) return [];
      return { band, seen, width: grid.columns, across: indices(columns, this.width, grid.cell_px, grid.columns), down: indices(rows, this.height, grid.cell_px, grid.rows), start: 0 };
    }).reverse();
    /** Places by the highest power at which they were seen. */
    const counts = new Uint32Array(this.grids.length);
    let total = 0;
    for (let row = 0; row < rows; row++) {
      for (const grid of looked) grid.start = (grid.down[row] ?? 0) * grid.width;
      for (let column = 0; column < columns; column++) {
        if (cells && cells[row * columns + column] !== 1) continue;
        total++;
        for (const { band, seen, start, across } of looked) {
          if (seen[start + (across[column] ?? 0)] !== 1) continue;
          counts[band] = (counts[band] ?? 0) + 1;
          break;
        }
      }
    }
    return this.grids.map((_, band) => (total === 0 ? 1 : counts.subarray(band).reduce((sum, count) => sum + count, 0) / total));
  }

  private places(): { columns: number; rows: number; cells: Uint8Array | null } {
    const finest = this.grids.at(-1);
    return this.tissue ?? { columns: finest?.columns ?? 0, rows: finest?.rows ?? 0, cells: null };
  }

  /** Middles of the cells of tissue; of those of the finest grid where nobody knows what is tissue. */
  *tissuePlaces(): Generator<Place> {
    const { columns, rows, cells } = this.places();
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (cells && cells[row * columns + column] !== 1) continue;
        yield { x: ((column + 0.5) / columns) * this.width, y: ((row + 0.5) / rows) * this.height };
      }
    }
  }
}

/** In which of `most` cells of a grid the middles of `count` equal parts of a length lie. */
function indices(count: number, length: number, cellPx: number, most: number): Int32Array {
  return Int32Array.from({ length: count }, (_, at) => Math.min(most - 1, Math.floor((((at + 0.5) / count) * length) / cellPx)));
}

/** Where a horizontal line runs through a convex polygon. */
function spanAt(field: readonly Place[], y: number): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const [index, a] of field.entries()) {
    const b = field[(index + 1) % field.length];
    if (!b || a.y > y === b.y > y) continue;
    const x = a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x);
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return low <= high ? [low, high] : null;
}

/** Spans in order, those that touch made one. */
function joined(spans: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [first, end] of spans.sort((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before && first <= before[1]) before[1] = Math.max(before[1], end);
    else result.push([first, end]);
  }
  return result;
}

/** Cells out of packed bits, the first in the highest bit. */
export function unpackCells(packed: Uint8Array, count: number): Uint8Array {
  const cells = new Uint8Array(count);
  for (let at = 0; at < count; at++) cells[at] = ((packed[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  return cells;
}
