/** A template being filled in: which elements are asked, what was answered, what is missing. As the server's own rules have it. */
import type { BilingualText, ReportCondition, ReportElement, ReportLanguage, ReportValue } from "../../api/types";

export type Values = Readonly<Record<string, ReportValue>>;

/** Parts of free text, in the order of a report. */
export const SECTIONS = ["macroscopy", "microscopy", "diagnosis", "comment"] as const;
export type Section = (typeof SECTIONS)[number];

type Condition = Partial<Omit<ReportCondition, "all" | "any">> & { all?: Condition[]; any?: Condition[] };

/** Which of the languages of reports is that of the screen. */
export const languageOf = (language: string): ReportLanguage => (language.startsWith("zh") ? "zh" : "en");

export const inWords = (text: BilingualText, language: string): string => text[languageOf(language)];

/** Whether a condition holds. Of an element without an answer nothing holds but that it is not stated. */
export function holds(condition: Condition, values: Values): boolean {
  if (condition.all && !condition.all.every((one) => holds(one, values))) return false;
  if (condition.any && condition.any.length > 0 && !condition.any.some((one) => holds(one, values))) return false;
  return !condition.element || holdsOf(condition, values[condition.element], values);
}

function holdsOf(condition: Condition, value: ReportValue | undefined, values: Values): boolean {
  const { is_stated: stated, is_yes: yes, one_of: oneOf = [], none_of: noneOf = [] } = condition;
  if (typeof stated === "boolean" && stated === (value === undefined)) return false;
  if (value === undefined) return stated === false;
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (oneOf.length > 0 && !oneOf.some((one) => chosen.includes(one))) return false;
  if (noneOf.some((one) => chosen.includes(one))) return false;
  if (typeof yes === "boolean" && value !== yes) return false;
  return isInBounds(condition, value, values);
}

function isInBounds({ at_least: least, below, more_than: than }: Condition, value: ReportValue, values: Values): boolean {
  const other = than ? values[than] : undefined;
  if (than && typeof other !== "number") return false;
  const known = (bound: unknown): bound is number => typeof bound === "number";
  if (!known(least) && !known(below) && !known(other)) return true;
  if (typeof value !== "number") return false;
  return (!known(least) || value >= least) && (!known(below) || value < below) && (!known(other) || value > other);
}

/** Whether it follows from other answers, so that nobody answers it. */
export const isComputed = (element: Pick<ReportElement, "computed_from">): boolean => element.computed_from.length > 0;

export interface Filled {
  /** The elements that are asked now, in their order. */
  shown: ReportElement[];
  required: ReadonlySet<string>;
  /** What is asked, has to be stated, and is not. */
  missing: ReportElement[];
}

/**
 * Goes through a template from its first element to its last: conditions speak only of elements before. An answer to what is not
 * asked any more counts for nothing, and stays for whoever goes back. `computed`: what the server made of the answers last.
 */
export function fillIn(elements: readonly ReportElement[], answers: Values, computed: Values): Filled {
  const values: Record<string, ReportValue> = {};
  const filled = { shown: [] as ReportElement[], required: new Set<string>(), missing: [] as ReportElement[] };
  for (const element of elements) {
    if (element.shown_when && !holds(element.shown_when, values)) continue;
    filled.shown.push(element);
    const value = (isComputed(element) ? computed : answers)[element.id];
    if (value !== undefined && !isEmpty(value)) values[element.id] = value;
    if (!element.required && !(element.required_when && holds(element.required_when, values))) continue;
    filled.required.add(element.id);
    if (!(element.id in values)) filled.missing.push(element);
  }
  return filled;
}

const isEmpty = (value: ReportValue | undefined): boolean => value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** The answers with one of them changed; an empty one is none. */
export function answered(values: Values, id: string, value: ReportValue | undefined): Values {
  const others = Object.entries(values).filter(([name]) => name !== id);
  return Object.fromEntries(isEmpty(value) ? others : [...others, [id, value as ReportValue]]);
}

/**
 * The answer after a digit was pressed: it chooses the option of that number, or of several puts it in or takes it out.
 * Undefined where the digit means nothing here.
 */
export function byDigit(element: ReportElement, value: ReportValue | undefined, digit: number): ReportValue | undefined {
  if (element.kind === "yes_no") return digit === 1 ? true : digit === 2 ? false : undefined;
  const option = element.options[digit - 1]?.id;
  if (option === undefined) return undefined;
  if (element.kind === "choice") return option;
  return element.kind === "choices" ? toggled(element, value, option) : undefined;
}

/** Several answers with one put in or taken out, in the order of the template. */
export function toggled(element: ReportElement, value: ReportValue | undefined, option: string): string[] {
  const chosen = new Set(Array.isArray(value) ? value : []);
  if (!chosen.delete(option)) chosen.add(option);
  return element.options.map(({ id }) => id).filter((id) => chosen.has(id));
}

/** A number as people type it, with a point or a comma: null for nothing, NaN for what is none. */
export function numberOf(text: string): number | null {
  const plain = text.normalize("NFKC").trim().replace("。", ".").replace(",", ".");
  if (plain === "") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN;
}
