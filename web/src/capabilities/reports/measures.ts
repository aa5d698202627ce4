/** What was measured on a slide, as an answer to a question with a unit. */
import type { Mark } from "../../viewer/annotate/mark";

const LENGTHS_UM: Readonly<Record<string, number>> = { um: 1, "µm": 1, mm: 1000, cm: 10_000 };
const AREAS_UM2: Readonly<Record<string, number>> = { "um2": 1, "µm²": 1, mm2: 1e6, "mm²": 1e6, cm2: 1e8, "cm²": 1e8 };
const FIGURES = 3;

/** The length or area of a mark in a unit, to three figures; null where it has none. */
export function measuredIn({ measured }: Pick<Mark, "measured">, unit: string): number | null {
  const [length, area] = [LENGTHS_UM[unit], AREAS_UM2[unit]];
  const value = length !== undefined ? measured?.length_um && measured.length_um.value / length : area !== undefined ? measured?.area_um2 && measured.area_um2.value / area : null;
  return typeof value === "number" ? Number(value.toPrecision(FIGURES)) : null;
}
