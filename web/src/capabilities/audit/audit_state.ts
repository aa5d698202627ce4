/** What the address of the audit pages says. */
import type { EntryFilter } from "../../api/audit";
import { isDay, midnightOf } from "../../i18n/days";

export const TABS = ["entries", "flags", "glass"] as const;
export type Tab = (typeof TABS)[number];

export interface AuditState {
  tab?: Tab;
  /** First and last day, as the reader's calendar has them. */
  from?: string;
  to?: string;
  action?: string;
  outcome?: "done" | "refused" | "failed";
  person?: string;
  for?: string;
  target?: string;
  flag?: string;
  /** The selected entry. */
  entry?: string;
}

const OUTCOMES: readonly string[] = ["done", "refused", "failed"];
const TEXTS = ["action", "person", "for", "target", "flag"] as const;

export function decodeAudit(search: Record<string, unknown>): AuditState {
  const state: AuditState = {};
  if (search["tab"] === "flags" || search["tab"] === "glass") state.tab = search["tab"];
  for (const name of ["from", "to"] as const) {
    const day = search[name];
    if (isDay(day)) state[name] = day;
  }
  if (OUTCOMES.includes(search["outcome"] as string)) state.outcome = search["outcome"] as NonNullable<AuditState["outcome"]>;
  for (const name of TEXTS) {
    const text = search[name];
    if (typeof text === "string" && text && text.length <= 80) state[name] = text;
  }
  if (typeof search["entry"] === "string" && /^\d{1,15}$/.test(search["entry"])) state.entry = search["entry"];
  return state;
}

/** The filter of the server: days become moments, and the last day is meant to its end. */
export function filterOf(state: AuditState): EntryFilter {
  const { from, to, action, outcome, person, target, flag } = state;
  const filter: EntryFilter = {};
  if (from) filter.from = midnightOf(from).toISOString();
  if (to) filter.to = midnightOf(to, 1).toISOString();
  if (state.for) filter.for = state.for;
  return { ...filter, ...Object.fromEntries(Object.entries({ action, outcome, person, target, flag }).filter(([, value]) => value)) };
}

/** A slide may be named by its identifier alone. */
export function targetOf(text: string): string | undefined {
  const named = text.trim();
  if (!named) return undefined;
  return named.includes("/") ? named : `image/${named}`;
}

export const slideIn = (target: string | undefined) => (target?.startsWith("image/") ? target.slice("image/".length) : undefined);
