/** Where the words of a report come from, and what supports them. */
import type { ReportContent, ReportStatement, ReportSupport } from "../../api/types";

export const ofElement = (id: string): string => `element/${id}`;
export const ofSection = (section: string): string => `section/${section}`;

/** How a text stands: written by a model, taken on by a person as it was, changed by one, or a person's own. */
export type Standing = "ai" | "accepted" | "edited" | "own";

const PERSON = { kind: "person", name: "", version: "" } as const;

export const statementOf = (content: ReportContent, subject: string): ReportStatement | undefined => content.statements.find((one) => one.subject === subject);

export function standingOf(statement: ReportStatement | undefined): Standing {
  if (!statement) return "own";
  if (statement.source.kind === "model") return statement.is_accepted ? "accepted" : "ai";
  return statement.supports.some(({ kind }) => kind === "model") ? "edited" : "own";
}

function withStatement(content: ReportContent, subject: string, change: (before: ReportStatement) => ReportStatement): ReportContent {
  const before = statementOf(content, subject) ?? { subject, source: PERSON, certainty: null, is_accepted: false, supports: [] };
  const next = change(before);
  const others = content.statements.filter((one) => one.subject !== subject);
  const isTelling = next.supports.length > 0 || next.source.kind !== "person";
  return { ...content, statements: isTelling ? [...others, next] : others };
}

/** A person changed what a model wrote: the words are theirs now, and it is kept which model had been there. */
export function edited(content: ReportContent, subject: string): ReportContent {
  const before = statementOf(content, subject);
  if (!before || before.source.kind === "person") return content;
  const { name, version } = before.source;
  // A model that was drawn upon says itself what it had said.
  const isTold = before.supports.some(({ kind }) => kind === "model");
  const trace: ReportSupport[] = before.source.kind === "model" && !isTold ? [{ kind: "model", reference: [name, version].filter(Boolean).join(" "), image_id: null, region: null, said: "" }] : [];
  return withStatement(content, subject, (one) => ({ ...one, source: PERSON, certainty: null, is_accepted: false, supports: [...one.supports, ...trace] }));
}

/** A person takes on what a model wrote. */
export const accepted = (content: ReportContent, subject: string): ReportContent => withStatement(content, subject, (one) => ({ ...one, is_accepted: true }));

/** A person takes on all that models wrote. */
export const allAccepted = (content: ReportContent): ReportContent => untaken(content).reduce((taken, { subject }) => accepted(taken, subject), content);

/** A person does not take on what a model wrote: it goes, and that the model had said it stays. */
export function rejected(content: ReportContent, subject: string): ReportContent {
  const [kind, name = ""] = subject.split("/");
  const values = Object.fromEntries(Object.entries(content.values).filter(([id]) => kind !== "element" || id !== name));
  const sections = Object.fromEntries(Object.entries(content.sections).filter(([section]) => kind !== "section" || section !== name));
  return edited({ ...content, values, sections }, subject);
}

/** Whether a model wrote it and nobody took it on. */
export const isUntaken = (content: ReportContent, subject: string): boolean => untaken(content).some((one) => one.subject === subject);

/** The words are those that the template makes of the answers. */
export const composed = (content: ReportContent, subject: string, template: string, version: string): ReportContent =>
  withStatement(content, subject, (one) => ({ ...one, source: { kind: "template", name: template, version }, certainty: null, is_accepted: true }));

/** What a model said, is still there, and nobody took on or changed. */
export const untaken = (content: ReportContent): ReportStatement[] =>
  content.statements.filter(
    ({ subject, source, is_accepted: taken }) => source.kind === "model" && !taken && (Object.keys(content.values).some((id) => ofElement(id) === subject) || Object.entries(content.sections).some(([name, text]) => text && ofSection(name) === subject)),
  );

const same = (a: ReportSupport, b: ReportSupport): boolean => a.kind === b.kind && a.reference === b.reference && a.image_id === b.image_id && JSON.stringify(a.region) === JSON.stringify(b.region);

/** The same support twice supports no better. */
export const supported = (content: ReportContent, subject: string, support: ReportSupport): ReportContent =>
  withStatement(content, subject, (one) => ({ ...one, supports: [...one.supports.filter((other) => !same(other, support)), support] }));

export const unsupported = (content: ReportContent, subject: string, support: ReportSupport): ReportContent =>
  withStatement(content, subject, (one) => ({ ...one, supports: one.supports.filter((other) => other !== support) }));
