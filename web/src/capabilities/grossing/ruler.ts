/** Two places in a photograph, in its own pixels, and what lies between them. */
export interface Place {
  x: number;
  y: number;
}
export type Places = readonly [] | readonly [Place] | readonly [Place, Place];

/** The places after another was pointed at: the third one begins anew. */
export function withPlace(places: Places, place: Place): Places {
  return places.length === 1 ? [places[0], place] : [place];
}

/** A place moved by keys, kept within the photograph. */
export function moved({ x, y }: Place, dx: number, dy: number, width: number, height: number): Place {
  return { x: Math.min(Math.max(x + dx, 0), width), y: Math.min(Math.max(y + dy, 0), height) };
}

/** A round length in mm that fills at most a third of the photograph, for its scale bar. */
export function barOf(widthPx: number, umPerPx: number): { mm: number; px: number } {
  const mostMm = (widthPx * umPerPx) / 3000;
  const power = 10 ** Math.floor(Math.log10(mostMm));
  const mm = ([5, 2, 1] as const).map((step) => step * power).find((one) => one <= mostMm) ?? power;
  return { mm, px: (mm * 1000) / umPerPx };
}
