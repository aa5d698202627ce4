/** Labelled slides out of a table (CSV) with the columns slide and label. */
import type { SlideLabelled } from "../../api/types";

const POSITIVE = new Set(["1", "true", "positive", "yes"]);
const NEGATIVE = new Set(["0", "false", "negative", "no"]);

/** The number of the line that is not as it has to be; 1 for the heads of the columns. */
export class BadLine extends Error {
  constructor(readonly line: number) {
    super(`line ${line}`);
  }
}

/** The cells of a line; a cell in quotes may hold commas, and two quotes for one. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain ?? "").trim());
}

export function readLabels(text: string): SlideLabelled[] {
  const [heads = "", ...lines] = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const names = cellsOf(heads);
  const [slideAt, labelAt] = [names.indexOf("slide"), names.indexOf("label")];
  if (slideAt < 0 || labelAt < 0) throw new BadLine(1);
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const cells = cellsOf(line);
    const [slide, label] = [cells[slideAt] ?? "", (cells[labelAt] ?? "").toLowerCase()];
    if (slide === "" || !(POSITIVE.has(label) || NEGATIVE.has(label))) throw new BadLine(index + 2);
    return [{ slide, positive: POSITIVE.has(label) }];
  });
}
