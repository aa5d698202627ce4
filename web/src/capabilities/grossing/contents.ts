/** What was put into a cassette, as people type and read it: sizes in cm. The server keeps mm. */
import type { CassetteShown } from "../../api/types";

const MM_PER_CM = 10;
const MOST_DIMENSIONS = 3;
/** Tenths of a mm are more than a ruler tells. */
const DIGITS = 2;

/** Up to three numbers set apart by a sign of multiplication, in mm; null where that is no size. */
export function sizeOf(text: string): number[] | null {
  const plain = text.normalize("NFKC").replace(/cm/gi, "").trim();
  if (plain === "") return [];
  const parts = plain.split(/\s*[x×*]\s*/i);
  const numbers = parts.map((part) => (/^\d+([.,]\d+)?$/.test(part) ? Number(part.replace(",", ".")) : 0));
  if (parts.length > MOST_DIMENSIONS || !numbers.every((cm) => cm > 0)) return null;
  return numbers.map((cm) => Number((cm * MM_PER_CM).toFixed(DIGITS)));
}

export const sizeText = (mm: readonly number[]): string => mm.map((one) => Number((one / MM_PER_CM).toFixed(DIGITS + 1))).join(" × ");

/** A whole number of pieces; null for nothing, NaN for what is none. */
export function piecesOf(text: string): number | null {
  const plain = text.normalize("NFKC").trim();
  if (plain === "") return null;
  return /^[1-9]\d{0,2}$/.test(plain) ? Number(plain) : Number.NaN;
}

/** The lines of a gross description in a language, for cassettes that somebody described. */
export const linesOf = (cassettes: readonly CassetteShown[], language: "en" | "zh"): string[] =>
  cassettes.map(({ line_en, line_zh }) => (language === "zh" ? line_zh : line_en)).filter((line) => line !== "");
