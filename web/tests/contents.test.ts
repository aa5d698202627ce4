import { expect, it } from "vitest";
import type { CassetteShown } from "../src/api/types";
import { linesOf, piecesOf, sizeOf, sizeText } from "../src/capabilities/grossing/contents";

it("reads sizes in cm, however the sign between them is typed", () => {
  expect(sizeOf("0.5 x 0.3")).toEqual([5, 3]);
  expect(sizeOf("0,5×0,3 × 0.2 cm")).toEqual([5, 3, 2]);
  expect(sizeOf("１．２＊０．８")).toEqual([12, 8]);
  expect(sizeOf(" ")).toEqual([]);
  for (const wrong of ["0", "-1", "1 x", "1 x 2 x 3 x 4", "large", "1 2"]) expect(sizeOf(wrong)).toBeNull();
  expect(sizeText([5, 3])).toBe("0.5 × 0.3");
  expect(sizeText(sizeOf("0.55 x 0.07") ?? [])).toBe("0.55 × 0.07");
});

it("counts pieces in whole numbers", () => {
  expect(piecesOf("2")).toBe(2);
  expect(piecesOf("")).toBeNull();
  for (const wrong of ["0", "1.5", "many", "1000"]) expect(piecesOf(wrong)).toBeNaN();
});

it("gives the lines of cassettes that were described, in the language of the report", () => {
  const lines = [
    { line_en: "A1: 2 pieces.", line_zh: "A1：2 块。" },
    { line_en: "", line_zh: "" },
  ] as CassetteShown[];
  expect(linesOf(lines, "en")).toEqual(["A1: 2 pieces."]);
  expect(linesOf(lines, "zh")).toEqual(["A1：2 块。"]);
});
