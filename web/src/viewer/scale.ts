/** Physical scale on the screen: scale bar, field, objective-equivalent. */

export interface ScaleBar {
  /** Length on the slide in um. */
  um: number;
  /** Length on the screen in CSS pixels. */
  px: number;
}

const STEPS = [1, 2, 5] as const;

/** The longest bar of 1, 2 or 5 times a power of ten um that fits in `widest` CSS pixels. */
export function scaleBar(umPerPx: number, widest: number): ScaleBar {
  const room = umPerPx * widest;
  const power = Math.floor(Math.log10(room));
  for (let exponent = power + 1; exponent >= power - 1; exponent--) {
    for (const step of [...STEPS].reverse()) {
      // Powers below one are divided, not multiplied: 2 / 10 is 0.2, 2 * 0.1 would not always be.
      const um = exponent >= 0 ? step * 10 ** exponent : step / 10 ** -exponent;
      if (um <= room * (1 + 1e-12)) return { um, px: um / umPerPx };
    }
  }
  return { um: room, px: widest };
}

/**
 * The convention of this viewer: an objective of power M shows 10 / M um in one CSS pixel, so that 40x is 0.25 um/px
 * and 20x is 0.5 um/px, what scanners of that power record.
 */
const UM_PX_TIMES_POWER = 10;

export const OBJECTIVES = [1.25, 2.5, 5, 10, 20, 40] as const;

export const umPerPxOf = (objective: number) => UM_PX_TIMES_POWER / objective;
export const objectiveOf = (umPerPx: number) => UM_PX_TIMES_POWER / umPerPx;

/** Area of the field on the screen in mm2. */
export function fieldArea(umPerPx: number, width: number, height: number): number {
  return (width * umPerPx * height * umPerPx) / 1e6;
}
