/** Codes that are read at accessioning: of an order that came before, of a patient, or of a new order. */
import type { CaseRow, PatientIdentity, PatientKnown } from "../../api/types";
import { NOBODY, type PatientDraft } from "./orders";

export type Scanned =
  | { kind: "case"; id: string; number: string }
  | { kind: "patient"; patient: PatientDraft }
  /** Patients of several registers have this number. */
  | { kind: "several" }
  | { kind: "order" };

export interface Lookup {
  /** Cases that may have it, among others. */
  findCases: (text: string) => Promise<Pick<CaseRow, "id" | "number" | "foreign_numbers">[]>;
  findPatients: (number: string) => Promise<PatientKnown[]>;
}

const isSame = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();

/** What a code is of. An order that is here counts before a patient; what nobody knows is the number of a new order. */
export async function lookUp(code: string, { findCases, findPatients }: Lookup): Promise<Scanned> {
  // The label of a part, block or slide begins with the number of its case.
  const [number = code] = code.split("/", 1);
  const here = (await findCases(code)).find((one) => isSame(one.number, number) || one.foreign_numbers.some(({ value }) => isSame(value, code)));
  if (here) return { kind: "case", id: here.id, number: here.number };
  const known = (await findPatients(code)).flatMap(({ patient, merged_into }) => (patient === null || merged_into !== null ? [] : [patient]));
  const [patient, ...others] = known;
  if (others.length > 0) return { kind: "several" };
  return patient === undefined ? { kind: "order" } : { kind: "patient", patient: draftOf(patient, code) };
}

function draftOf({ name, sex, birth_date, identifiers }: PatientIdentity, code: string): PatientDraft {
  const { value, issuer } = identifiers.find((one) => isSame(one.value, code)) ?? identifiers[0] ?? { value: "", issuer: "" };
  return { ...NOBODY, name, sex, born: birth_date ?? "", number: value, issuer };
}
