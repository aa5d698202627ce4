/** Affine maps between pixels of the slide and pixels of the screen. */
import type { Place } from "./mark";

/** x' = a x + c y + e, y' = b x + d y + f, as SVG and CSS spell it. */
export interface Matrix {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

export const apply = (m: Matrix, [x, y]: Place): Place => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f];

/** First `n`, then `m`. */
export function multiply(m: Matrix, n: Matrix): Matrix {
  return {
    a: m.a * n.a + m.c * n.b,
    b: m.b * n.a + m.d * n.b,
    c: m.a * n.c + m.c * n.d,
    d: m.b * n.c + m.d * n.d,
    e: m.a * n.e + m.c * n.f + m.e,
    f: m.b * n.e + m.d * n.f + m.f,
  };
}

export function invert({ a, b, c, d, e, f }: Matrix): Matrix {
  const det = a * d - b * c;
  return { a: d / det, b: -b / det, c: -c / det, d: a / det, e: (c * f - d * e) / det, f: (b * e - a * f) / det };
}

/** Screen pixels that one slide pixel covers along a side. */
export const scaleOf = ({ a, b, c, d }: Matrix): number => Math.sqrt(Math.abs(a * d - b * c));

/** Degrees clockwise, on the slide, by which a box must be turned to stand upright on the screen. */
export function uprightAngle(m: Matrix): number {
  const back = invert(m);
  return (Math.atan2(back.b, back.a) * 180) / Math.PI;
}

export const cssOf = ({ a, b, c, d, e, f }: Matrix): string => `matrix(${a}, ${b}, ${c}, ${d}, ${e}, ${f})`;
