import { describe, expect, it } from "vitest";
import { boxBetween, rectangleOf } from "../src/viewer/annotate/boxes";
import { Edit } from "../src/viewer/annotate/edit";
import { handleAt, handlesOf } from "../src/viewer/annotate/editing";
import type { Geometry, Mark, MarkKind, Place } from "../src/viewer/annotate/mark";
import type { Matrix } from "../src/viewer/annotate/matrix";

const mark = (kind: MarkKind, geometry: Geometry, shape: Mark["shape"] = null) => ({ id: "one", kind, geometry, shape }) as Mark;
const LINE: Place[] = [[0, 0], [100, 0], [100, 100]];
const polyline = () => mark("polyline", { type: "LineString", coordinates: LINE });
/** Two pixels of the slide lie on one of the screen. */
const HALF: Matrix = { a: 0.5, b: 0, c: 0, d: 0.5, e: 0, f: 0 };
const PIXEL = 2;
const places = (edit: Edit) => (edit.outline.geometry as { coordinates: Place[] }).coordinates;

describe("an edit with keys", () => {
  it("moves the whole mark by pixels of the screen until a vertex is held", () => {
    const edit = new Edit(polyline(), null, null);
    edit.nudge(1, 0, false, HALF, PIXEL);
    expect(places(edit)).toEqual([[2, 0], [102, 0], [102, 100]]);
    edit.holdNext(1, PIXEL);
    edit.nudge(0, 1, true, HALF, PIXEL);
    expect(places(edit)).toEqual([[2, 20], [102, 0], [102, 100]]);
  });

  it("goes through the whole mark and its vertices in both directions, and says where it is", () => {
    const edit = new Edit(polyline(), null, null);
    const told = [1, 1, 1, 1, -1].map((step) => {
      edit.holdNext(step as 1 | -1, PIXEL);
      return edit.held(PIXEL);
    });
    expect(told.map((held) => held.what === "editing" && held.vertex)).toEqual([1, 2, 3, 0, 3]);
    expect(edit.held(PIXEL)).toMatchObject({ of: 3, boxed: false });
  });

  it("makes a vertex after the one that is held, and takes it out again", () => {
    const edit = new Edit(polyline(), null, null);
    expect([edit.insertHere(PIXEL), edit.dropHeld(PIXEL)]).toEqual([false, false]);
    edit.holdNext(1, PIXEL);
    expect(edit.insertHere(PIXEL)).toBe(true);
    expect(places(edit)).toEqual([[0, 0], [50, 0], [100, 0], [100, 100]]);
    expect(edit.held(PIXEL)).toMatchObject({ vertex: 2, of: 4 });
    expect(edit.dropHeld(PIXEL)).toBe(true);
    expect(places(edit)).toEqual(LINE);
    // The first that is left is held.
    expect(edit.held(PIXEL)).toMatchObject({ vertex: 1, of: 3 });
  });

  it("turns a box clockwise on the screen, also where the screen is mirrored", () => {
    const box = boxBetween([0, 0], [100, 50], 0);
    for (const [matrix, degrees] of [[HALF, 15], [{ ...HALF, a: -0.5 }, 345]] as const) {
      const edit = new Edit(mark("rectangle", rectangleOf(box), box), null, null);
      edit.holdNext(-1, PIXEL);
      expect(edit.held(PIXEL)).toEqual({ what: "turning", degrees: 0 });
      edit.nudge(1, 0, true, matrix, PIXEL);
      expect(edit.held(PIXEL)).toEqual({ what: "turning", degrees });
    }
  });
});

describe("an edit with the pointer", () => {
  it("begins at the mark as it is now, wherever the pointer was before", () => {
    const shown = polyline();
    const edit = new Edit(shown, null, [50, 0]);
    edit.dragTo(shown, [60, 30]);
    edit.dragTo(shown, [50, 10]);
    expect(places(edit)).toEqual([[0, 10], [100, 10], [100, 110]]);
  });

  it("drags the handle that it took hold of", () => {
    const shown = polyline();
    const edit = new Edit(shown, handleAt(handlesOf(shown, PIXEL), [99, 1], 5), [99, 1]);
    edit.dragTo(shown, [80, 20]);
    expect(places(edit)).toEqual([[0, 0], [80, 20], [100, 100]]);
  });
});
