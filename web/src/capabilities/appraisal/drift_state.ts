/** What the address of the page of scanners and stains says, and what its pictures show. */
import type { DriftAsked } from "../../api/appraisal";
import type { DriftLine, DriftMeasure, LineDrift, Measure } from "../../api/types";
import { dayOf, isDay, midnightOf } from "../../i18n/days";

export const MEASURES = ["haematoxylin_strength", "eosin_strength", "haematoxylin_degrees", "eosin_degrees", "blur"] as const satisfies readonly Measure[];
export const MONTHS = ["3", "12", "36"] as const;
export type Months = (typeof MONTHS)[number];

export interface DriftState {
  months?: Months;
  /** First and last day of the reference. */
  from?: string;
  to?: string;
  /** Whether scans of one model make a line whatever their serial number. */
  by?: "model";
  /** The selected line, as `keyOf` writes it. */
  line?: string;
  /** The Monday of the week whose slides are shown. */
  week?: string;
}

export function decodeDrift(search: Record<string, unknown>): DriftState {
  const state: DriftState = {};
  const { from, to, by, line, week } = search;
  const months = MONTHS.find((one) => one === search["months"]);
  if (months) state.months = months;
  if (isDay(from)) state.from = from;
  if (isDay(to)) state.to = to;
  if (by === "model") state.by = by;
  if (typeof line === "string" && line.length <= 500) state.line = line;
  if (isDay(week)) state.week = week;
  return state;
}

/** From the first midnight of so many months ago to tomorrow's; a reference once both of its days are said. */
export function driftAskedOf({ months = "12", from, to, by }: DriftState, today: Date): DriftAsked {
  const begin = new Date(today.getFullYear(), today.getMonth() - Number(months), today.getDate());
  const reference = from !== undefined && to !== undefined && from <= to ? { reference_begin: from, reference_end: to } : {};
  return { begin: begin.toISOString(), end: midnightOf(dayOf(today), 1).toISOString(), ...reference, ...(by && { by }) };
}

export const keyOf = ({ vendor, scanner_model, scanner_serial, stain }: DriftLine): string => [vendor, scanner_model, scanner_serial, stain].join("|");

/** Who made the scanner, its model and its serial number, as far as they are stated. */
export const scannerOf = ({ vendor, scanner_model, scanner_serial }: DriftLine): string => [vendor, scanner_model, scanner_serial].filter((one) => one !== "").join(" ");

/** Lines of one stain that differ in one thing, as it is stated: they may be of one scanner. */
export interface Split {
  by: "serial" | "model";
  lines: readonly LineDrift[];
  /** How many of them have too few scans to be judged by any measure. */
  few: number;
}

/** Which lines were parted by what. A line of a serial number that nobody states is one of those of its model. */
export function splitsOf(lines: readonly LineDrift[]): Split[] {
  const alike = (by: Split["by"], keyOfLine: (line: DriftLine) => string | null): Split[] => {
    const groups = new Map<string, LineDrift[]>();
    for (const each of lines) {
      const key = keyOfLine(each.line);
      if (key !== null) groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    const isJudged = ({ measures }: LineDrift) => measures.some(({ limits }) => limits !== null);
    return [...groups.values()].filter(({ length }) => length > 1).map((group) => ({ by, lines: group, few: group.filter((one) => !isJudged(one)).length }));
  };
  return [
    ...alike("serial", ({ vendor, scanner_model, stain }) => (vendor || scanner_model ? [vendor, scanner_model, stain].join("|") : null)),
    ...alike("model", ({ scanner_serial, stain }) => (scanner_serial ? [scanner_serial, stain].join("|") : null)),
  ];
}

export interface LineWeek {
  monday: string;
  scans: number;
  measures: Partial<Record<Measure, DriftMeasure["weeks"][number]>>;
}

/** All that is told of a week together, the newest first. */
export function weeksOf({ measures }: LineDrift): LineWeek[] {
  const weeks = new Map<string, LineWeek>();
  for (const { measure, weeks: its } of measures)
    for (const week of its) {
      const known = weeks.get(week.monday) ?? { monday: week.monday, scans: 0, measures: {} };
      weeks.set(week.monday, { ...known, scans: Math.max(known.scans, week.scans), measures: { ...known.measures, [measure]: week } });
    }
  return [...weeks.values()].sort((one, other) => other.monday.localeCompare(one.monday));
}

export interface Dot {
  x: number;
  y: number;
  monday: string;
  isOutside: boolean;
}

export interface Chart {
  medians: Dot[];
  averages: Dot[];
  /** From the upper limit down to the lower. */
  band: { top: number; bottom: number; centre: number } | null;
}

/** Weeks from left to right by time and values from the bottom up, in a picture of this size. */
export function chartOf({ weeks, limits }: DriftMeasure, width: number, height: number): Chart {
  const times = weeks.map(({ monday }) => Date.parse(monday));
  const values = weeks.flatMap(({ median, average }) => (average === null ? [median] : [median, average]));
  if (limits) values.push(limits.lower, limits.upper);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const across = (at: number) => (last === first ? width / 2 : ((at - first) / (last - first)) * width);
  const down = (value: number) => (most === least ? height / 2 : (1 - (value - least) / (most - least)) * height);
  const dot = (week: (typeof weeks)[number], value: number): Dot => ({ x: across(Date.parse(week.monday)), y: down(value), monday: week.monday, isOutside: week.outside > 0 });
  return {
    medians: weeks.map((week) => dot(week, week.median)),
    averages: weeks.flatMap((week) => (week.average === null ? [] : [dot(week, week.average)])),
    band: limits && { top: down(limits.upper), bottom: down(limits.lower), centre: down(limits.centre) },
  };
}
