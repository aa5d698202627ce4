import { describe, expect, it } from "vitest";
import { isStated, NOBODY, partOf, patientOf } from "../src/capabilities/cases/orders";

const HERE = "Example Hospital";

describe("the patient of an order that is typed in", () => {
  it("is nobody only where nothing is said of one", () => {
    expect(patientOf(NOBODY, HERE)).toBeNull();
    expect(patientOf({ ...NOBODY, issuer: "City register" }, HERE)).toBeNull();
  });

  it("is not dropped for want of a name, which is then asked for", () => {
    for (const typed of [{ number: "7001" }, { born: "1950-02-03" }, { sex: "female" as const }]) {
      expect(isStated({ ...NOBODY, ...typed })).toBe(true);
      expect(patientOf({ ...NOBODY, ...typed }, HERE)).not.toBeNull();
    }
  });

  it("has the same number in every language: the organisation gave it unless somebody else did", () => {
    expect(patientOf({ ...NOBODY, name: "Nobody, Ann", number: " 7001 " }, HERE)?.identifiers).toEqual([{ issuer: HERE, value: "7001" }]);
    expect(patientOf({ ...NOBODY, name: "Nobody, Ann", number: "7001", issuer: "City register" }, HERE)?.identifiers).toEqual([
      { issuer: "City register", value: "7001" },
    ]);
  });
});

describe("a part that is typed in", () => {
  it("has a slide of every stain in every block", () => {
    expect(partOf({ organ: "Stomach", description: "", blocks: "2", smears: "0", stains: "H&E、PAS" }).blocks).toEqual([
      ["H&E", "PAS"],
      ["H&E", "PAS"],
    ]);
  });
});
