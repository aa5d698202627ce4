/** The geometry of an image's levels: which tiles exist, where they lie, how much of each is picture. */
import type { Level, Opening, Spacing } from "../api/types";
import type { Plane } from "./planes";

/** Levels from the coarsest (index 0, as OpenSeadragon counts) to the finest. */
export function coarsestFirst(levels: readonly Level[]): Level[] {
  return [...levels].sort((a, b) => b.downsample - a.downsample);
}

/** Columns and rows of a level; the stated grid, or what covers the level. */
export function gridOf(level: Level): { columns: number; rows: number } {
  return {
    columns: level.columns || Math.ceil(level.width_px / level.tile_width_px),
    rows: level.rows || Math.ceil(level.height_px / level.tile_height_px),
  };
}

/** Picture pixels in a tile: full size inside, cut off at the right and bottom edge of the level. */
export function pictureSize(level: Level, column: number, row: number): { width: number; height: number } {
  return {
    width: Math.max(1, Math.min(level.tile_width_px, level.width_px - column * level.tile_width_px)),
    height: Math.max(1, Math.min(level.tile_height_px, level.height_px - row * level.tile_height_px)),
  };
}

export interface Edges {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * Edges of a tile in full-resolution pixels.
 *
 * The right edge of one tile and the left edge of the next come from the same expression, so they are equal to the
 * last bit and no seam can open between them.
 */
export function tileEdges(level: Level, column: number, row: number): Edges {
  const x = (index: number) => Math.min(index * level.tile_width_px, level.width_px) * level.downsample;
  const y = (index: number) => Math.min(index * level.tile_height_px, level.height_px) * level.downsample;
  return { left: x(column), top: y(row), right: x(column + 1), bottom: y(row + 1) };
}

/** The tile of a level that holds a point in full-resolution pixels; points outside give the nearest tile. */
export function tileAt(level: Level, x: number, y: number): { column: number; row: number } {
  const { columns, rows } = gridOf(level);
  const clamp = (value: number, count: number) => Math.min(Math.max(Math.floor(value), 0), count - 1);
  return {
    column: clamp(x / level.downsample / level.tile_width_px, columns),
    row: clamp(y / level.downsample / level.tile_height_px, rows),
  };
}

/** um per full-resolution pixel; 1 by 1 (so that "um" means pixels) when the image has no physical scale. */
export function spacingOf(opening: Pick<Opening, "spacing_um">): Spacing {
  return opening.spacing_um ?? { x: 1, y: 1 };
}

/** Fills in the address of a tile, or of a run of columns. `channel` may carry a query of its own, as composite tiles do. */
export function tileAddress(template: string, level: Level, plane: Plane, channel: string, column: number | string, row: number): string {
  const mark = channel.indexOf("?");
  const name = mark < 0 ? channel : channel.slice(0, mark);
  const query = mark < 0 ? "" : channel.slice(mark);
  const path = template
    .replace("{level}", String(level.number))
    .replace("{plane}", String(plane))
    .replace("{channel}", name)
    .replace("{row}", String(row))
    .replace("{column}", String(column));
  return path + query;
}

/** How far below one screen pixel per image pixel a level is still used: lower where levels are far apart. */
export function minPixelRatio(levels: readonly Level[]): number {
  const ordered = coarsestFirst(levels);
  let widest = 1;
  for (let i = 1; i < ordered.length; i++) {
    const [coarse, fine] = [ordered[i - 1], ordered[i]];
    if (coarse && fine) widest = Math.max(widest, coarse.downsample / fine.downsample);
  }
  return widest > 2.5 ? 0.4 : 0.5;
}
