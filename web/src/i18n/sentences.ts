/** What the server says, in the reader's language. It sends English with {named} fields and what fills them. */
import { useTranslation } from "react-i18next";
import type { Sentence } from "../api/types";
import { useFormats } from "./format";
import type { sentences } from "./sentences.zh";

/** English that the server says; the compiler knows which there is. */
export type Template = keyof typeof sentences;

let chinese: Record<string, string> = {};

/** Called once the table is there. */
export function learnSentences(table: Record<Template, string>): void {
  chinese = table;
}

/** The sentence in Chinese, or in English where another release of the server says what this one does not know. */
export function say({ template, values = {} }: Sentence, language: string, figure: (value: number) => string): string {
  const known = language === "zh-CN" ? chinese : {};
  const text = Object.hasOwn(known, template) ? (known[template] ?? template) : template;
  return text.replace(/\{(\w+)\}/g, (field, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return field;
    if (typeof value === "object") return say(value, language, figure);
    // Sizes and numbers of tags are whole, and are told digit by digit.
    return typeof value === "number" && !Number.isInteger(value) ? figure(value) : String(value);
  });
}

export function useSay(): (said: Sentence) => string {
  const { i18n } = useTranslation();
  const { figure } = useFormats();
  return (said) => say(said, i18n.language, figure);
}

/** The sentence of a problem document, or null; what stands between us and the server may send one without template. */
export function saidIn(problem: unknown): Sentence | null {
  if (typeof problem !== "object" || problem === null) return null;
  const { template, values, detail } = problem as Record<string, unknown>;
  if (typeof template === "string" && typeof values === "object" && values !== null) return { template, values: values as NonNullable<Sentence["values"]> };
  return typeof detail === "string" ? { template: detail } : null;
}
