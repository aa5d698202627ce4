/** Which tiles a field of view needs, and which lie just around it. */
import type { Level } from "../api/types";
import { gridOf, tileAt, type Edges } from "./pyramid";

export interface TilePlace {
  level: number;
  x: number;
  y: number;
}

interface Range {
  first: { column: number; row: number };
  last: { column: number; row: number };
}

/** Tiles of a level under a rectangle in full-resolution pixels; null where it misses the picture. */
function rangeOf(level: Level, field: Edges): Range | null {
  const [width, height] = [level.width_px * level.downsample, level.height_px * level.downsample];
  if (field.right <= 0 || field.bottom <= 0 || field.left >= width || field.top >= height) return null;
  return { first: tileAt(level, field.left, field.top), last: tileAt(level, field.right, field.bottom) };
}

/** Nearest to the middle of the field first: where a reader looks. */
function fromTheMiddle(tiles: TilePlace[], { first, last }: Range): TilePlace[] {
  const [x, y] = [(first.column + last.column) / 2, (first.row + last.row) / 2];
  const distance = (tile: TilePlace) => (tile.x - x) ** 2 + (tile.y - y) ** 2;
  return tiles.sort((a, b) => distance(a) - distance(b));
}

/** The tiles that show the field. `number` is what the tile source calls the level. */
export function tilesIn(level: Level, number: number, field: Edges): TilePlace[] {
  const range = rangeOf(level, field);
  if (!range) return [];
  const tiles: TilePlace[] = [];
  for (let y = range.first.row; y <= range.last.row; y++) {
    for (let x = range.first.column; x <= range.last.column; x++) tiles.push({ level: number, x, y });
  }
  return fromTheMiddle(tiles, range);
}

/** The ring of one tile around the field, as far as the level goes. */
export function ringAround(level: Level, number: number, field: Edges): TilePlace[] {
  const range = rangeOf(level, field);
  if (!range) return [];
  const { columns, rows } = gridOf(level);
  const { first, last } = range;
  const inside = (x: number, y: number) => x >= first.column && x <= last.column && y >= first.row && y <= last.row;
  const ring: TilePlace[] = [];
  for (let y = Math.max(0, first.row - 1); y <= Math.min(rows - 1, last.row + 1); y++) {
    for (let x = Math.max(0, first.column - 1); x <= Math.min(columns - 1, last.column + 1); x++) {
      if (!inside(x, y)) ring.push({ level: number, x, y });
    }
  }
  return fromTheMiddle(ring, range);
}
