/** Heights of a bottom sheet: its head alone, half, and nearly all. */
export type SheetStep = 0 | 1 | 2;

/** Of the height of what it lies in. The lowest is its head and a row. */
export const SHEET_SHARES: Readonly<Record<SheetStep, number>> = { 0: 0.14, 1: 0.42, 2: 0.8 };

export const atStep = (step: number): SheetStep => (step <= 0 ? 0 : step >= 2 ? 2 : 1);

/** Where a sheet comes to rest that was let go at a height. */
export function nearestStep(share: number): SheetStep {
  const steps: SheetStep[] = [0, 1, 2];
  return steps.reduce((best, step) => (Math.abs(SHEET_SHARES[step] - share) < Math.abs(SHEET_SHARES[best] - share) ? step : best));
}

/** As the address spells it; anything else is the middle. */
export const sheetStepOf = (text: string | null): SheetStep => (text === "0" ? 0 : text === "2" ? 2 : 1);
