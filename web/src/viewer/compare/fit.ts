/**
 * The transform that takes landmarks of one slide nearest to those of another, by least squares.
 *
 * Rigid and similarity: Umeyama 1991, "Least-squares estimation of transformation parameters between two point
 * patterns", in its two-dimensional form with complex numbers: with both sets around their means, the turn and scale
 * are sum(conj(x) y) / sum(|x|^2). A section may also lie on the glass the other way up; then x is mirrored first.
 */
import { apply, type Matrix } from "../annotate/matrix";
import type { Place } from "../annotate/mark";

export const FIT_KINDS = ["rigid", "similarity", "affine"] as const;
export type FitKind = (typeof FIT_KINDS)[number];

export interface Pair {
  start: Place;
  end: Place;
}

export interface Fit {
  kind: FitKind;
  /** From um of the one to um of the other. */
  matrix: Matrix;
  mirrored: boolean;
  /** Root mean square of `residuals`, um. */
  rms: number;
  /** How far each landmark is from where the transform takes its counterpart, um. */
  residuals: number[];
}

/** Why a set of landmarks says nothing. */
export type Degenerate = "few" | "together" | "line" | "unlike";

/** Landmarks nearer together than this, as a whole, turn by chance. */
const LEAST_SPREAD_UM = 1;
/** Of the length of a set of landmarks, what it has to be wide. */
const LEAST_WIDTH = 0.01;
/** A set this wide tells whether a slide lies the other way up. */
const WIDTH_TO_MIRROR = 0.05;
const MIRRORS_BELOW = 0.5;
const MOST_STRETCH = 20;

export const fewestFor = (kind: FitKind): number => (kind === "affine" ? 3 : 2);

/** The best transform of a kind, or why there is none. */
export function fitLandmarks(kind: FitKind, pairs: readonly Pair[]): Fit | Degenerate {
  if (pairs.length < fewestFor(kind)) return "few";
  const [from, to] = [spreadOf(pairs.map(({ start }) => start)), spreadOf(pairs.map(({ end }) => end))];
  if (Math.min(from.length, to.length) < LEAST_SPREAD_UM) return "together";
  const width = Math.min(from.width / from.length, to.width / to.length);
  if (kind === "affine" && width < LEAST_WIDTH) return "line";
  const fit = kind === "affine" ? affine(pairs, from, to) : turned(kind, pairs, width > WIDTH_TO_MIRROR);
  const { a, b, c, d } = fit.matrix;
  const [large, small] = scalesOf(a, b, c, d);
  return small > 1 / MOST_STRETCH && large < MOST_STRETCH ? fit : "unlike";
}

interface Spread {
  mean: Place;
  /** Standard deviations along and across the longest direction. */
  length: number;
  width: number;
}

function spreadOf(places: readonly Place[]): Spread {
  const mean: Place = [average(places.map(([x]) => x)), average(places.map(([, y]) => y))];
  const around = places.map(([x, y]): Place => [x - mean[0], y - mean[1]]);
  const [xx, yy, xy] = [average(around.map(([x]) => x * x)), average(around.map(([, y]) => y * y)), average(around.map(([x, y]) => x * y))];
  const middle = (xx + yy) / 2;
  const away = Math.hypot((xx - yy) / 2, xy);
  return { mean, length: Math.sqrt(middle + away), width: Math.sqrt(Math.max(0, middle - away)) };
}

/** Rigid or similarity; mirrored only where that fits far better and the landmarks can tell. */
function turned(kind: "rigid" | "similarity", pairs: readonly Pair[], mayMirror: boolean): Fit {
  const plain = umeyama(kind, pairs, false);
  if (!mayMirror) return plain;
  const mirrored = umeyama(kind, pairs, true);
  return mirrored.rms < MIRRORS_BELOW * plain.rms ? mirrored : plain;
}

/** The best turn, shift and maybe scale, on a slide that lies as the other or the other way up. */
export function umeyama(kind: "rigid" | "similarity", pairs: readonly Pair[], mirrored: boolean): Fit {
  const [from, to] = [spreadOf(pairs.map(({ start }) => start)), spreadOf(pairs.map(({ end }) => end))];
  const side = mirrored ? -1 : 1;
  let [real, imaginary, square] = [0, 0, 0];
  for (const { start, end } of pairs) {
    const [x, y] = [side * (start[0] - from.mean[0]), start[1] - from.mean[1]];
    const [u, v] = [end[0] - to.mean[0], end[1] - to.mean[1]];
    real += x * u + y * v;
    imaginary += x * v - y * u;
    square += x * x + y * y;
  }
  const by = kind === "rigid" ? Math.hypot(real, imaginary) : square;
  const [cos, sin] = [real / by, imaginary / by];
  return measured(kind, through(from.mean, to.mean, side * cos, side * sin, -sin, cos), mirrored, pairs);
}

function affine(pairs: readonly Pair[], from: Spread, to: Spread): Fit {
  let [xx, xy, yy, ux, uy, vx, vy] = [0, 0, 0, 0, 0, 0, 0];
  for (const { start, end } of pairs) {
    const [x, y] = [start[0] - from.mean[0], start[1] - from.mean[1]];
    const [u, v] = [end[0] - to.mean[0], end[1] - to.mean[1]];
    xx += x * x;
    xy += x * y;
    yy += y * y;
    ux += u * x;
    uy += u * y;
    vx += v * x;
    vy += v * y;
  }
  const det = xx * yy - xy * xy;
  const [a, c] = [(ux * yy - uy * xy) / det, (uy * xx - ux * xy) / det];
  const [b, d] = [(vx * yy - vy * xy) / det, (vy * xx - vx * xy) / det];
  return measured("affine", through(from.mean, to.mean, a, b, c, d), a * d - b * c < 0, pairs);
}

/** The matrix with this linear part that takes one mean to the other. */
function through([x, y]: Place, [u, v]: Place, a: number, b: number, c: number, d: number): Matrix {
  return { a, b, c, d, e: u - a * x - c * y, f: v - b * x - d * y };
}

function measured(kind: FitKind, matrix: Matrix, mirrored: boolean, pairs: readonly Pair[]): Fit {
  const residuals = pairs.map(({ start, end }) => {
    const [x, y] = apply(matrix, start);
    return Math.hypot(x - end[0], y - end[1]);
  });
  return { kind, matrix, mirrored, residuals, rms: Math.sqrt(average(residuals.map((one) => one * one))) };
}

/** Singular values, the larger first. */
function scalesOf(a: number, b: number, c: number, d: number): [number, number] {
  const [sum, difference] = [Math.hypot(a + d, b - c), Math.hypot(a - d, b + c)];
  return [(sum + difference) / 2, Math.abs(sum - difference) / 2];
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
