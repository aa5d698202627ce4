/** Outlines of a mask, between its pixels. */
import type { Place } from "./mark";

/**
 * Closed lines around the set pixels, in pixels of the mask, along the edges of pixels.
 *
 * At a corner where two set pixels touch by their tips only, the line joins them: in a mask that hangs together a line then
 * meets no corner twice, and is a valid ring. Outlines run clockwise on a screen, holes the other way.
 */
export function contours(mask: Uint8Array, width: number, height: number): Place[][] {
  const set = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1;
  // Edges that start at a corner, by direction: 0 right, 1 down, 2 left, 3 up; the set pixel lies to the right.
  const edges = new Map<number, number>();
  const corner = (x: number, y: number) => y * (width + 1) + x;
  const add = (x: number, y: number, direction: number) => {
    edges.set(corner(x, y), (edges.get(corner(x, y)) ?? 0) | (1 << direction));
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!set(x, y)) continue;
      if (!set(x, y - 1)) add(x, y, 0);
      if (!set(x + 1, y)) add(x + 1, y, 1);
      if (!set(x, y + 1)) add(x + 1, y + 1, 2);
      if (!set(x - 1, y)) add(x, y + 1, 3);
    }
  }
  const rings: Place[][] = [];
  for (let start = edges.keys().next(); !start.done; start = edges.keys().next()) rings.push(trace(edges, start.value, width + 1));
  return rings;
}

const STEP = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

function trace(edges: Map<number, number>, start: number, stride: number): Place[] {
  const ring: Place[] = [];
  let at = start;
  let came = -1;
  do {
    const leaving = edges.get(at) ?? 0;
    // Left first: joins pixels that touch by a tip.
    const turns = came < 0 ? [0, 1, 2, 3] : [(came + 3) % 4, came, (came + 1) % 4];
    const next = turns.find((direction) => leaving & (1 << direction));
    if (next === undefined) break;
    const rest = leaving & ~(1 << next);
    if (rest) edges.set(at, rest);
    else edges.delete(at);
    const [x, y] = [at % stride, Math.floor(at / stride)];
    if (next !== came) ring.push([x, y]);
    at = (y + STEP[next as 0][1]) * stride + x + STEP[next as 0][0];
    came = next;
  } while (at !== start);
  return ring;
}
