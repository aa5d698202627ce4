/** What the people of this browser write, by case, as long as the page lives. */
import { useEffect, useSyncExternalStore } from "react";
import { onReachable, onSignedOut, Problem, UNREACHABLE } from "../../api/client";
import { saveVersion } from "../../api/reports";
import type { ReportContent, ReportLanguage, ReportShown, ReportVersion } from "../../api/types";
import { setQueued } from "../../shell/connection";
import { Draft, type Failure } from "./draft";

/** A report as it is written: the content, and the language that its text is in. */
export interface Written {
  language: ReportLanguage;
  content: ReportContent;
  /** Why a signed report is changed: every version on the way says so. */
  reason: string;
}

export const BLANK: ReportContent = { template: null, values: {}, sections: {}, figures: [], statements: [], photographs: [] };

const SIGNED_OUT = 401;
const CHANGED = "saved-meanwhile";

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Problem)) return "silent";
  if (error.code === CHANGED) return "changed";
  return error.status === UNREACHABLE || error.status === SIGNED_OUT || error.status >= 500 ? "silent" : "refused";
}

const drafts = new Map<string, Draft<Written>>();

const warn = (event: BeforeUnloadEvent) => { event.preventDefault(); };

function count(): void {
  const waiting = [...drafts.values()].filter(({ waits }) => waits).length;
  setQueued("reports", waiting);
  if (waiting > 0) window.addEventListener("beforeunload", warn);
  else window.removeEventListener("beforeunload", warn);
}

onReachable((reachable) => {
  if (reachable) for (const draft of drafts.values()) draft.tryAgain();
});
// Whoever signs in next may be somebody else: what was written is sent by its author or not at all.
onSignedOut(() => { for (const draft of drafts.values()) draft.pause(); });

/** A version as somebody may go on writing it. */
export const writtenIn = ({ language, amends, reason }: ReportVersion, content: ReportContent): Written => ({ language, content, reason: amends ? reason : "" });

/** The draft of a person for a case; `first` is what it begins with where they have none. */
function draftOf(person: string, caseId: string, first: Written, base: number | null): Draft<Written> {
  const key = `${person}/${caseId}`;
  const known = drafts.get(key);
  if (known) return known;
  const made = new Draft<Written>({
    content: first,
    base,
    save: async ({ language, content, reason }, on) => {
      const { number, at } = await saveVersion(caseId, on, language, content, reason);
      return { number, at };
    },
    failureOf,
    onWaiting: count,
  });
  drafts.set(key, made);
  return made;
}

/** What somebody wrote of a case and the server does not have; null where there is nothing of the kind. */
export function unsentOf(person: string, caseId: string): Draft<Written> | null {
  const draft = drafts.get(`${person}/${caseId}`);
  return draft?.waits ? draft : null;
}

/** What somebody writes of a case, and what others make of it meanwhile. */
export function useDraft(person: string, report: ReportShown, language: ReportLanguage): Draft<Written> {
  const { current } = report;
  const base = current?.number ?? null;
  const written = current?.content ? writtenIn(current, current.content) : { language, content: BLANK, reason: "" };
  const draft = draftOf(person, report.case_id, written, base);
  useSyncExternalStore(draft.subscribe, draft.version);
  useEffect(() => {
    draft.follow(base, written);
    // What was written before one signed out, or before the page of the case was left, goes on its way.
    if (draft.waits) void draft.flush();
    // Only another version is followed: the same one is the same text.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [draft, base]);
  return draft;
}
