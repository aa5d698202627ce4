/** Where a place of one slide lies on another: um to um, affine with an optional grid of displacements on top. */
import { apply, invert, multiply, type Matrix } from "../annotate/matrix";
import type { Place } from "../annotate/mark";

export interface Mapping {
  map(place: Place): Place;
  unmap(place: Place): Place;
  /** The affine map that does the same at a place and right beside it. */
  near(place: Place): Matrix;
  /** The whole of it, where it is affine. */
  readonly affine: Matrix | null;
  /** The whole of it, where it is an affine map and a grid. */
  readonly bent: Bent | null;
}

export interface Bent {
  affine: Matrix;
  grid: Grid;
}

export interface Extent {
  width: number;
  height: number;
}

/** Displacements in um at the nodes of a grid, linear between them, outside as at the nearest edge. */
export interface Grid {
  columns: number;
  rows: number;
  /** The first node, and the way to the next ones. */
  x: number;
  y: number;
  dx: number;
  dy: number;
  /** x and y of each node, row after row. */
  values: Float32Array;
}

export const IDENTITY: Matrix = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };
const STEPS = 12;
const CLOSE_UM = 1e-4;
const SAMPLES = 65;
const MAGIC = "HEMALDG1";
const HEADER_BYTES = 48;

export function affineMapping(affine: Matrix): Mapping {
  const back = invert(affine);
  return { affine, bent: null, map: (place) => apply(affine, place), unmap: (place) => apply(back, place), near: () => affine };
}

/** First `affine`, then what the grid says for the place where one started. */
export function gridMapping(affine: Matrix, grid: Grid): Mapping {
  const near = (place: Place) => {
    const { value, slope } = bend(grid, place);
    const linear = { a: affine.a + slope.a, b: affine.b + slope.b, c: affine.c + slope.c, d: affine.d + slope.d };
    const [x, y] = apply(affine, place);
    const [e, f] = apply({ ...linear, e: 0, f: 0 }, place);
    return { ...linear, e: x + value[0] - e, f: y + value[1] - f };
  };
  const map = (place: Place) => apply(near(place), place);
  return { affine: null, bent: { affine, grid }, near, map, unmap: (place) => solve(near, apply(invert(affine), place), place) };
}

/** The other way round. */
export function inverseOf(mapping: Mapping): Mapping {
  if (mapping.affine) return affineMapping(invert(mapping.affine));
  const { map, unmap } = mapping;
  return { affine: null, bent: null, map: unmap, unmap: map, near: (place) => invert(mapping.near(unmap(place))) };
}

/** First one, then the other. */
export function chain(first: Mapping, then: Mapping): Mapping {
  if (first.affine && then.affine) return affineMapping(multiply(then.affine, first.affine));
  return {
    affine: null,
    bent: null,
    map: (place) => then.map(first.map(place)),
    unmap: (place) => first.unmap(then.unmap(place)),
    near: (place) => multiply(then.near(first.map(place)), first.near(place)),
  };
}

/** Any mapping as one affine map and a grid over a slide of this size; no grid where none is needed. */
export function asGrid(mapping: Mapping, { width, height }: Extent): { affine: Matrix; grid: Grid | null } {
  if (mapping.affine) return { affine: mapping.affine, grid: null };
  if (mapping.bent) return mapping.bent;
  const affine = mapping.near([width / 2, height / 2]);
  const [dx, dy] = [width / (SAMPLES - 1), height / (SAMPLES - 1)];
  const values = new Float32Array(SAMPLES * SAMPLES * 2);
  for (let row = 0, at = 0; row < SAMPLES; row++) {
    for (let column = 0; column < SAMPLES; column++, at += 2) {
      const place: Place = [column * dx, row * dy];
      const [[x, y], [plainX, plainY]] = [mapping.map(place), apply(affine, place)];
      values.set([x - plainX, y - plainY], at);
    }
  }
  return { affine, grid: { columns: SAMPLES, rows: SAMPLES, x: 0, y: 0, dx, dy, values } };
}

/** Reads the binary form of docs/reference/registration.md. */
export function decodeGrid(bytes: ArrayBuffer): Grid {
  const view = new DataView(bytes);
  if (bytes.byteLength < HEADER_BYTES || new TextDecoder().decode(bytes.slice(0, 8)) !== MAGIC) throw new Error("This is no grid of displacements.");
  const [columns, rows] = [view.getUint32(8, true), view.getUint32(12, true)];
  const figures = [16, 24, 32, 40].map((at) => view.getFloat64(at, true));
  const [x = 0, y = 0, dx = 1, dy = 1] = figures;
  return { columns, rows, x, y, dx, dy, values: new Float32Array(bytes.slice(HEADER_BYTES, HEADER_BYTES + columns * rows * 8)) };
}

/** Newton's method: each step goes where the affine map at the present place says. */
function solve(near: (place: Place) => Matrix, start: Place, wanted: Place): Place {
  let at = start;
  for (let step = 0; step < STEPS; step++) {
    const next = apply(invert(near(at)), wanted);
    const moved = Math.hypot(next[0] - at[0], next[1] - at[1]);
    at = next;
    if (moved < CLOSE_UM) break;
  }
  return at;
}

function bend(grid: Grid, [x, y]: Place): { value: Place; slope: Omit<Matrix, "e" | "f"> } {
  const across = cell((x - grid.x) / grid.dx, grid.columns);
  const down = cell((y - grid.y) / grid.dy, grid.rows);
  const node = (column: number, row: number, axis: 0 | 1) => grid.values[((down.index + row) * grid.columns + across.index + column) * 2 + axis] ?? 0;
  const of = (axis: 0 | 1) => {
    const [p, q, r, s] = [node(0, 0, axis), node(1, 0, axis), node(0, 1, axis), node(1, 1, axis)];
    const [u, v] = [across.share, down.share];
    return {
      value: (p * (1 - u) + q * u) * (1 - v) + (r * (1 - u) + s * u) * v,
      byX: across.inside ? ((q - p) * (1 - v) + (s - r) * v) / grid.dx : 0,
      byY: down.inside ? ((r - p) * (1 - u) + (s - q) * u) / grid.dy : 0,
    };
  };
  const [first, second] = [of(0), of(1)];
  return { value: [first.value, second.value], slope: { a: first.byX, b: second.byX, c: first.byY, d: second.byY } };
}

function cell(at: number, count: number): { index: number; share: number; inside: boolean } {
  const held = Math.min(Math.max(at, 0), count - 1);
  const index = Math.min(Math.floor(held), count - 2);
  return { index, share: held - index, inside: held === at };
}
