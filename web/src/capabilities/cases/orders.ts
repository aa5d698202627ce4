/** Orders as people type them in. */
import type { Sex } from "../../api/types";

/** Of a part, and of smears as many. */
export const MOST_BLOCKS = 100;

export interface PartDraft {
  organ: string;
  description: string;
  blocks: string;
  /** Slides that are made straight from the part. */
  smears: string;
  stains: string;
}

export const EMPTY_PART: PartDraft = { organ: "", description: "", blocks: "1", smears: "0", stains: "H&E" };

/** Stains as they are typed: parted by commas of either language. */
export const stainsOf = (text: string) => text.split(/[,，、;；]/).map((one) => one.trim()).filter(Boolean);

const countOf = (text: string) => Math.min(Math.max(Math.trunc(Number(text)) || 0, 0), MOST_BLOCKS);

/** What the server is asked for: as many blocks and smears, each with a slide for every stain. */
export function partOf({ organ, description, blocks, smears, stains }: PartDraft) {
  const each = (count: string) => Array.from({ length: countOf(count) }, () => stainsOf(stains));
  return { organ, description, smears: each(smears).flat(), blocks: each(blocks) };
}

export interface PatientDraft {
  name: string;
  sex: Sex;
  /** Empty, or a day as YYYY-MM-DD. */
  born: string;
  number: string;
  /** Who gave the number; empty for the organisation where the order is typed in. */
  issuer: string;
}

export const NOBODY: PatientDraft = { name: "", sex: "unknown", born: "", number: "", issuer: "" };

/** Whether anything is said of a patient, who then needs a name. */
export const isStated = ({ name, sex, born, number }: PatientDraft) => sex !== "unknown" || [name, born, number].some((one) => one.trim() !== "");

/** What the server is told of the patient; null for an order without one. The issuer is part of the number: it never depends on the reader's language. */
export function patientOf(draft: PatientDraft, organisation: string) {
  if (!isStated(draft)) return null;
  const number = draft.number.trim();
  return {
    name: draft.name.trim(),
    sex: draft.sex,
    birth_date: draft.born || null,
    identifiers: number ? [{ issuer: draft.issuer.trim() || organisation, value: number }] : [],
  };
}
