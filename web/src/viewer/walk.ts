/** The systematic walk: fields side by side over the tissue, row by row, each row back the way the last one came. */
import type { Coverage, Place } from "./coverage";

/** Of the field that one step covers; the rest is seen twice, so that nothing falls between two fields. */
const STEP = 0.9;

interface Field {
  /** Its middle, in pixels of level 0. */
  x: number;
  y: number;
  tissue: number;
  unseen: number;
}

export interface Walk {
  /** In the order of the walk; those that show tissue. */
  fields: readonly Field[];
  /** Of the field where the reader is, or of the last one before it in the order of the walk; -1 before the first. */
  here: number;
}

/** Width and height of the largest upright rectangle of the same shape in a field that is turned. */
export function uprightIn(width: number, height: number, degrees: number): { width: number; height: number } {
  const radians = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(radians)), Math.abs(Math.sin(radians))];
  // Quarter turns swap the sides, and lose nothing.
  const [w, h] = sin > cos ? [height, width] : [width, height];
  const [c, s] = sin > cos ? [sin, cos] : [cos, sin];
  const scale = Math.min(w / (w * c + h * s), h / (w * s + h * c));
  return { width: w * scale, height: h * scale };
}

/** Lays the walk for a field of this size (pixels of level 0) in a band, with the reader looking at `at`. */
export function layWalk(coverage: Coverage, band: number, field: { width: number; height: number }, at: Place): Walk {
  // What has to come into a field for a place to count as seen is the middle of its cell.
  const places = cellsOfTissue(coverage, band);
  if (places.length === 0) return { fields: [], here: -1 };
  const [left, right] = bounds(places.map(({ x }) => x));
  const [top, bottom] = bounds(places.map(({ y }) => y));
  const columns = Math.max(1, Math.ceil((right - left) / (field.width * STEP)));
  const rows = Math.max(1, Math.ceil((bottom - top) / (field.height * STEP)));
  // Stretched over the tissue, so that the outer fields do not hang over its edge.
  const [stepX, stepY] = [Math.max((right - left) / columns, 1), Math.max((bottom - top) / rows, 1)];
  const cells = Array.from({ length: columns * rows }, (_, index): Field => {
    const row = Math.floor(index / columns);
    const along = index % columns;
    const column = row % 2 === 0 ? along : columns - 1 - along;
    return { x: left + (column + 0.5) * stepX, y: top + (row + 0.5) * stepY, tissue: 0, unseen: 0 };
  });
  const indexOf = ({ x, y }: Place) => {
    const row = Math.min(rows - 1, Math.max(0, Math.floor((y - top) / stepY)));
    const column = Math.min(columns - 1, Math.max(0, Math.floor((x - left) / stepX)));
    return row * columns + (row % 2 === 0 ? column : columns - 1 - column);
  };
  for (const place of places) {
    const cell = cells[indexOf(place)];
    if (!cell) continue;
    cell.tissue++;
    if (!place.seen) cell.unseen++;
  }
  const reached = indexOf(at);
  const fields = cells.filter(({ tissue }) => tissue > 0);
  const here = cells.slice(0, reached + 1).filter(({ tissue }) => tissue > 0).length - 1;
  return { fields, here };
}

/** The next field of the walk with tissue that was not seen, past the end from the start again; null when all was. */
export function nextUnseen({ fields, here }: Walk): Field | null {
  for (let by = 1; by <= fields.length; by++) {
    const field = fields[(here + by + fields.length) % fields.length];
    if (field && field.unseen > 0) return field;
  }
  return null;
}

/** The field before, seen or not; null before the first. */
export function fieldBefore({ fields, here }: Walk): Field | null {
  return fields[here - 1] ?? null;
}

function cellsOfTissue(coverage: Coverage, band: number): (Place & { seen: boolean })[] {
  const grid = coverage.grids[band];
  if (!grid) return [];
  const cells = new Map<number, Place & { seen: boolean }>();
  for (const { x, y } of coverage.tissuePlaces()) {
    const [column, row] = [Math.floor(x / grid.cell_px), Math.floor(y / grid.cell_px)];
    const seen = coverage.isSeen(x, y, band);
    const known = cells.get(row * grid.columns + column);
    if (known) known.seen &&= seen;
    else cells.set(row * grid.columns + column, { x: (column + 0.5) * grid.cell_px, y: (row + 0.5) * grid.cell_px, seen });
  }
  return [...cells.values()];
}

function bounds(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
