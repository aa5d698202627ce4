/** Finds the cell at a place among thousands, on the processor: cells of a tile sorted into small squares. */
import { STEPS, type OutlinePart, type PointPart } from "./decode";

const SQUARES = 32;
const SHIFT = 11; // 65536 steps in 32 squares

export class CellGrid {
  private readonly starts = new Uint32Array(SQUARES * SQUARES + 1);
  private readonly order: Uint32Array;

  constructor(private readonly points: PointPart) {
    const square = (cell: number) => ((points.y[cell] ?? 0) >> SHIFT) * SQUARES + ((points.x[cell] ?? 0) >> SHIFT);
    const { starts } = this;
    for (let cell = 0; cell < points.count; cell++) starts[square(cell) + 1] = (starts[square(cell) + 1] ?? 0) + 1;
    for (let i = 0; i < SQUARES * SQUARES; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
    const next = starts.slice();
    this.order = new Uint32Array(points.count);
    for (let cell = 0; cell < points.count; cell++) {
      const at = next[square(cell)] ?? 0;
      this.order[at] = cell;
      next[square(cell)] = at + 1;
    }
  }

  /** Cells whose place lies within `reach` of a place; both in shares of the tile, the place maybe outside of it. */
  near(x: number, y: number, reach: number): { cell: number; distance: number }[] {
    const found: { cell: number; distance: number }[] = [];
    const first = (value: number) => Math.max(0, Math.floor((value - reach) * SQUARES));
    const last = (value: number) => Math.min(SQUARES - 1, Math.floor((value + reach) * SQUARES));
    for (let row = first(y); row <= last(y); row++) {
      for (let column = first(x); column <= last(x); column++) {
        const square = row * SQUARES + column;
        for (let i = this.starts[square] ?? 0; i < (this.starts[square + 1] ?? 0); i++) {
          const cell = this.order[i] ?? 0;
          const dx = ((this.points.x[cell] ?? 0) + 0.5) / STEPS - x;
          const dy = ((this.points.y[cell] ?? 0) + 0.5) / STEPS - y;
          const distance = Math.hypot(dx, dy);
          if (distance <= reach) found.push({ cell, distance });
        }
      }
    }
    return found.sort((a, b) => a.distance - b.distance);
  }
}

/** Whether a place, level-0 pixels from the place of the cell, lies within its outline (even-odd rule). */
export function encloses(outlines: OutlinePart, cell: number, x: number, y: number): boolean {
  const first = outlines.starts[cell] ?? 0;
  const end = outlines.starts[cell + 1] ?? 0;
  const at = (corner: number) => [outlines.corners[2 * corner] ?? 0, outlines.corners[2 * corner + 1] ?? 0] as const;
  let inside = false;
  for (let i = first, before = end - 1; i < end; before = i++) {
    const [[xi, yi], [xj, yj]] = [at(i), at(before)];
    if (yi > y !== yj > y && x < xi + ((y - yi) / (yj - yi)) * (xj - xi)) inside = !inside;
  }
  return inside;
}
