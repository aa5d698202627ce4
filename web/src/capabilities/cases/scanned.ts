/** Codes that are read at accessioning: of an order that came before, of a patient, or of a new order. */
import type { CaseDetail, PatientIdentity, PatientKnown } from "../../api/types";
import { NOBODY, type PatientDraft } from "./orders";

export type Scanned =
  | { kind: "case"; id: string; number: string }
  | { kind: "patient"; patient: PatientDraft }
  /** Patients of several registers have this number. */
  | { kind: "several" }
  | { kind: "order" };

export interface Lookup {
  /** Ids of cases that may have it. */
  findCases: (text: string) => Promise<string[]>;
  readCase: (id: string) => Promise<CaseDetail>;
  findPatients: (number: string) => Promise<PatientKnown[]>;
}

const isSame = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();

/** What a code is of. An order that is here counts before a patient; what nobody knows is the number of a new order. */
export async function lookUp(code: string, { findCases, readCase, findPatients }: Lookup): Promise<Scanned> {
  // The label of a part, block or slide begins with the number of its case.
  const number = code.split("/", 1)[0] ?? code;
  for (const id of await findCases(number)) {
    const found = await readCase(id);
    if (isSame(found.number, number) || found.foreign_numbers.some(({ value }) => isSame(value, code))) return { kind: "case", id, number: found.number };
  }
  const known = (await findPatients(code)).flatMap(({ patient, merged_into }) => (patient === null || merged_into !== null ? [] : [patient]));
  const [patient, ...others] = known;
  if (others.length > 0) return { kind: "several" };
  return patient === undefined ? { kind: "order" } : { kind: "patient", patient: draftOf(patient, code) };
}

function draftOf({ name, sex, birth_date, identifiers }: PatientIdentity, code: string): PatientDraft {
  const { value, issuer } = identifiers.find((one) => isSame(one.value, code)) ?? identifiers[0] ?? { value: "", issuer: "" };
  return { ...NOBODY, name, sex, born: birth_date ?? "", number: value, issuer };
}
