/** Colours of values: scales that rise evenly in lightness and that colour-blind people read alike. */

/** Stops of viridis (van der Walt and Smith, 2015), dark to light. */
const VIRIDIS = ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"];
/** Stops of cividis (Nuñez, Anderton and Renslow, PLoS ONE 2018). */
const CIVIDIS = ["00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838"];

export type ScaleName = "viridis" | "cividis";

export type Rgb = readonly [number, number, number];

/** Of cells without the value, and of those whose value is zero. */
export const GREY: Rgb = [146, 149, 150];

const SIZE = 256;

export function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.replace("#", ""), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function tableOf(stops: readonly string[]): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(SIZE * 4);
  for (let i = 0; i < SIZE; i++) {
    const at = (i / (SIZE - 1)) * (stops.length - 1);
    const from = rgbOf(stops[Math.floor(at)] ?? "");
    const to = rgbOf(stops[Math.ceil(at)] ?? "");
    const share = at - Math.floor(at);
    for (const band of [0, 1, 2] as const) table[4 * i + band] = Math.round(from[band] * (1 - share) + to[band] * share);
    table[4 * i + 3] = 255;
  }
  return table;
}

/** 256 colours, RGBA. */
export const SCALES: Record<ScaleName, Uint8Array<ArrayBuffer>> = { viridis: tableOf(VIRIDIS), cividis: tableOf(CIVIDIS) };

/** The colour of a share, 0 to 1, of the range. */
export function colourAt(scale: ScaleName, share: number): Rgb {
  const table = SCALES[scale];
  const at = 4 * Math.round(Math.min(1, Math.max(0, share)) * (SIZE - 1));
  return [table[at] ?? 0, table[at + 1] ?? 0, table[at + 2] ?? 0];
}

/** A CSS gradient of the scale, for legends. */
export function gradientOf(scale: ScaleName): string {
  const stops = scale === "viridis" ? VIRIDIS : CIVIDIS;
  return `linear-gradient(to right, ${stops.map((stop) => `#${stop}`).join(", ")})`;
}
