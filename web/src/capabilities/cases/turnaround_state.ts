/** What the address of the page of turnaround says: a period in whole days, and which cases. */
import type { TurnaroundAsked } from "../../api/turnaround";
import type { Priority, Subspecialty, TurnaroundBy } from "../../api/types";
import { PRIORITIES, SUBSPECIALTIES } from "./worklist_state";

export const GROUPS = ["subspecialty", "priority", "week", "site", "reader", "nothing"] as const satisfies readonly TurnaroundBy[];
const DAYS_AT_FIRST = 30;

export interface TurnaroundState {
  /** The first day, `2026-11-01`. */
  from?: string;
  /** The last day. */
  to?: string;
  by?: TurnaroundBy;
  field?: Subspecialty;
  priority?: Priority;
}

const oneOf = <V extends string>(values: readonly V[], said: unknown): V | undefined => values.find((value) => value === said);
const dayOf = (said: unknown): string | undefined =>
  typeof said === "string" && /^\d{4}-\d\d-\d\d$/.test(said) && !Number.isNaN(Date.parse(said)) ? said : undefined;

export function decodeTurnaround(search: Record<string, unknown>): TurnaroundState {
  const state: TurnaroundState = {};
  const [from, to] = [dayOf(search["from"]), dayOf(search["to"])];
  const by = oneOf(GROUPS, search["by"]);
  const field = oneOf<Subspecialty>(SUBSPECIALTIES, search["field"]);
  const priority = oneOf<Priority>(PRIORITIES, search["priority"]);
  if (from) state.from = from;
  if (to) state.to = to;
  if (by) state.by = by;
  if (field) state.field = field;
  if (priority) state.priority = priority;
  return state;
}

const isoDay = (day: Date): string => [day.getFullYear(), String(day.getMonth() + 1).padStart(2, "0"), String(day.getDate()).padStart(2, "0")].join("-");

/** The days of a period: the last thirty unless others are said. */
export function periodOf({ from, to }: TurnaroundState, now: Date): { from: string; to: string } {
  const last = to ?? isoDay(now);
  const [year = 0, month = 1, day = 1] = last.split("-").map(Number);
  return { from: from ?? isoDay(new Date(year, month - 1, day - DAYS_AT_FIRST + 1)), to: last };
}

/** What the server is asked for: from the first midnight of whoever looks to the one after the last day. */
export function turnaroundAskedOf(state: TurnaroundState, now: Date): TurnaroundAsked {
  const { from, to } = periodOf(state, now);
  const midnight = (text: string, later: number) => {
    const [year = 0, month = 1, day = 1] = text.split("-").map(Number);
    return new Date(year, month - 1, day + later).toISOString();
  };
  return { begin: midnight(from, 0), end: midnight(to, 1), by: state.by ?? "subspecialty", subspecialty: state.field ?? null, priority: state.priority ?? null };
}
