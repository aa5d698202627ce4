/** What the address of the page of turnaround says: a period in whole days, and which cases. */
import type { TurnaroundAsked } from "../../api/turnaround";
import type { Priority, Subspecialty, TurnaroundBy } from "../../api/types";
import { dayOf, isDay, midnightOf } from "../../i18n/days";
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

export function decodeTurnaround(search: Record<string, unknown>): TurnaroundState {
  const state: TurnaroundState = {};
  const { from, to } = search;
  const by = oneOf(GROUPS, search["by"]);
  const field = oneOf<Subspecialty>(SUBSPECIALTIES, search["field"]);
  const priority = oneOf<Priority>(PRIORITIES, search["priority"]);
  if (isDay(from)) state.from = from;
  if (isDay(to)) state.to = to;
  if (by) state.by = by;
  if (field) state.field = field;
  if (priority) state.priority = priority;
  return state;
}

/** The days of a period: the last thirty unless others are said. */
export function periodOf({ from, to }: TurnaroundState, now: Date): { from: string; to: string } {
  const last = to ?? dayOf(now);
  return { from: from ?? dayOf(midnightOf(last, 1 - DAYS_AT_FIRST)), to: last };
}

/** What the server is asked for: from the first midnight of whoever looks to the one after the last day. */
export function turnaroundAskedOf(state: TurnaroundState, now: Date): TurnaroundAsked {
  const { from, to } = periodOf(state, now);
  return { begin: midnightOf(from).toISOString(), end: midnightOf(to, 1).toISOString(), by: state.by ?? "subspecialty", subspecialty: state.field ?? null, priority: state.priority ?? null };
}
