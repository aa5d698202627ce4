/** Chooses what looks like the place under the pointer. */
import { contours } from "./contour";
import type { Place } from "./mark";

export interface Picture {
  /** RGBA, top row first. */
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** Pixels whose neighbourhood gives the colour to compare with, and how far colours vary there. */
const SEED = 2;
/** How many of its own deviations the colour may differ. */
const SPREAD = 3;
const LEAST_DIFFERENCE = 12;

/** Mean over a square of `2 r + 1`, each colour by itself, so that noise does not fray the outline. */
function smoothed({ pixels, width, height }: Picture, r: number): Float32Array {
  const rows = new Float32Array(width * height * 3);
  const out = new Float32Array(width * height * 3);
  const pass = (read: (i: number, c: number) => number, into: Float32Array, count: number, lines: number, at: (line: number, i: number) => number) => {
    for (let line = 0; line < lines; line++) {
      for (let c = 0; c < 3; c++) {
        for (let i = 0; i < count; i++) {
          let [sum, n] = [0, 0];
          for (let k = Math.max(0, i - r); k <= Math.min(count - 1, i + r); k++) {
            sum += read(at(line, k), c);
            n++;
          }
          into[at(line, i) * 3 + c] = sum / n;
        }
      }
    }
  };
  pass((i, c) => pixels[i * 4 + c] as number, rows, width, height, (line, i) => line * width + i);
  pass((i, c) => rows[i * 3 + c] as number, out, height, width, (line, i) => i * width + line);
  return out;
}

/**
 * A mask of the pixels around `seed` that hang together with it and look like it.
 *
 * `sensitivity` of 1 takes what lies within three deviations of the colours beside the seed; more takes more.
 */
export function alike(picture: Picture, seed: Place, sensitivity: number): Uint8Array {
  const { width, height } = picture;
  const colours = smoothed(picture, 1);
  const [sx, sy] = [Math.floor(seed[0]), Math.floor(seed[1])];
  const mask = new Uint8Array(width * height);
  if (sx < 0 || sy < 0 || sx >= width || sy >= height) return mask;
  const { mean, limit } = around(colours, width, height, sx, sy);
  const reach = limit * sensitivity;
  const near = (i: number) => Math.hypot(...mean.map((value, c) => (colours[i * 3 + c] as number) - value)) <= reach;
  const waiting = [sy * width + sx];
  mask[sy * width + sx] = 1;
  for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
    const x = i % width;
    for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
      if (next < 0 || next >= mask.length || mask[next] === 1 || !near(next)) continue;
      mask[next] = 1;
      waiting.push(next);
    }
  }
  return mask;
}

function around(colours: Float32Array, width: number, height: number, sx: number, sy: number): { mean: number[]; limit: number } {
  const sums = [0, 0, 0];
  let [squares, n] = [0, 0];
  for (let y = Math.max(0, sy - SEED); y <= Math.min(height - 1, sy + SEED); y++) {
    for (let x = Math.max(0, sx - SEED); x <= Math.min(width - 1, sx + SEED); x++) {
      for (let c = 0; c < 3; c++) {
        const value = colours[(y * width + x) * 3 + c] as number;
        sums[c] = (sums[c] as number) + value;
        squares += value * value;
      }
      n++;
    }
  }
  const mean = sums.map((sum) => sum / n);
  const variance = Math.max(0, squares / n - mean.reduce((sum, value) => sum + value * value, 0));
  return { mean, limit: Math.max(LEAST_DIFFERENCE, SPREAD * Math.sqrt(variance)) };
}

/** The outlines of what `alike` chooses, in pixels of the picture. */
export function chosen(picture: Picture, seed: Place, sensitivity: number): Place[][] {
  return contours(alike(picture, seed, sensitivity), picture.width, picture.height);
}
