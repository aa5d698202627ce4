import { describe, expect, it } from "vitest";
import type { PatientKnown } from "../src/api/types";
import { lookUp, type Lookup } from "../src/capabilities/cases/scanned";

const known = (name: string, issuer: string, merged_into: string | null = null): PatientKnown => ({
  id: name,
  merged_into,
  case_ids: [],
  patient: { name, sex: "female", birth_date: "1960-05-04", identifiers: [{ issuer: "Other", value: "9" }, { issuer, value: "P-7" }] },
});

/** Its search finds texts within numbers, as the server's does, and cases by the labels of their pieces. */
const CASES = [
  ["1", "O-1"],
  ["2", "2026/0077"],
  ["3", "2026/00771"],
].map(([id = "", order = ""]) => ({ id, number: `HOME-S26-00000${id}-X`, foreign_numbers: [{ issuer: "Ward", value: order }] }));

const hospital = (patients: PatientKnown[] = []): Lookup => ({
  findCases: (text) =>
    Promise.resolve(CASES.filter(({ number, foreign_numbers: [order] }) => text.startsWith(`${number}/`) || `${number} ${order?.value ?? ""}`.toLowerCase().includes(text.toLowerCase())).reverse()),
  findPatients: (number) => Promise.resolve(number === "P-7" ? patients : []),
});

describe("a code that is scanned at accessioning", () => {
  it.each([
    ["o-1", "1"],
    ["2026/0077", "2"],
    ["HOME-S26-000001-X", "1"],
    ["HOME-S26-000002-X/A/1/1", "2"],
  ])("%s is of a case that is here", async (code, id) => {
    expect(await lookUp(code, hospital())).toEqual({ kind: "case", id, number: `HOME-S26-00000${id}-X` });
  });

  it("is of a patient, with the register that gave this number", async () => {
    const found = await lookUp("P-7", hospital([known("Example, Ada", "Register"), known("Old", "Register", "elsewhere")]));
    expect(found).toEqual({
      kind: "patient",
      patient: { name: "Example, Ada", sex: "female", born: "1960-05-04", number: "P-7", issuer: "Register" },
    });
  });

  it("names nobody where several have the number", async () => {
    expect(await lookUp("P-7", hospital([known("One", "A"), known("Other", "B")]))).toEqual({ kind: "several" });
  });

  it("is otherwise the number of a new order, also where it is only a part of another one", async () => {
    for (const code of ["O-", "2026/007", "2026"]) expect(await lookUp(code, hospital())).toEqual({ kind: "order" });
  });
});
