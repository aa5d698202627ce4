import { expect, it } from "vitest";
import type { Transform } from "../src/api/types";
import { knownOf } from "../src/capabilities/registration/lying";
import type { Grid } from "../src/viewer/compare/mapping";

const SHIFTED: Transform = {
  id: "t1",
  from_image_id: "first",
  to_image_id: "second",
  kind: "rigid",
  matrix: [1, 0, 0, 1, 100, 0],
  method: "elastic 1.0",
  landmarks: [],
  residual_um: null,
  has_displacements: false,
  stale: false,
  created_at: "2026-11-28T12:00:00Z",
  created_by: { id: "p", name: "Li Wei" },
};
const BY_7: Grid = { columns: 2, rows: 2, x: 0, y: 0, dx: 1000, dy: 1000, values: new Float32Array([0, 7, 0, 7, 0, 7, 0, 7]) };

it("lies as its matrix says", () => {
  expect(knownOf(SHIFTED, undefined)?.mapping.map([10, 20])).toEqual([110, 20]);
});

it("lies as its matrix and its grid say", () => {
  expect(knownOf({ ...SHIFTED, has_displacements: true }, BY_7)?.mapping.map([10, 20])).toEqual([110, 27]);
});

it.each([null, undefined])("is not known to lie anywhere while its grid is %s", (grid) => {
  expect(knownOf({ ...SHIFTED, has_displacements: true }, grid)).toBeNull();
});
