/** What lines wear at their ends: heads of arrows, ticks of rulers. In pixels of the screen. */
import type { MarkKind, Place } from "./mark";

const HEAD = 12;
const HEAD_SPREAD = 0.45;
const TICK = 6;

/** Open lines to draw in addition to the mark's own line. */
export function trimmings(kind: MarkKind, line: readonly Place[]): Place[][] {
  const [first, last] = [line[0], line.at(-1)];
  const before = line.at(-2);
  if (!first || !last || !before || (kind !== "arrow" && kind !== "ruler")) return [];
  const along = Math.atan2(last[1] - before[1], last[0] - before[0]);
  const off = ([x, y]: Place, angle: number, length: number): Place => [x + length * Math.cos(angle), y + length * Math.sin(angle)];
  if (kind === "arrow") return [[off(last, along + Math.PI - HEAD_SPREAD, HEAD), last, off(last, along + Math.PI + HEAD_SPREAD, HEAD)]];
  return [first, last].map((end) => [off(end, along + Math.PI / 2, TICK), off(end, along - Math.PI / 2, TICK)]);
}
