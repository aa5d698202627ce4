import { describe, expect, it } from "vitest";
import { boxBetween, ellipseOf, fromBox, intoBox, rectangleOf } from "../src/viewer/annotate/boxes";
import { contours } from "../src/viewer/annotate/contour";
import { startDrawing, type Field, type Made } from "../src/viewer/annotate/drawing";
import { dragged, handleAt, handlesOf, shifted, turned, withoutVertex, type Outline } from "../src/viewer/annotate/editing";
import { areaOf, boundsOf, crossesItself, inside, lengthOf, pathsOf, simplified, withPaths } from "../src/viewer/annotate/geometry";
import { GridIndex } from "../src/viewer/annotate/grid_index";
import { markAt } from "../src/viewer/annotate/hit";
import { toolOf } from "../src/viewer/keys";
import { labelPlace } from "../src/viewer/annotate/active_layer";
import type { AreaGeometry, Geometry, Mark, MarkKind, Place } from "../src/viewer/annotate/mark";
import { apply, invert, multiply, uprightAngle, type Matrix } from "../src/viewer/annotate/matrix";
import { enclosed, stroked, united, without } from "../src/viewer/annotate/region";
import { alike } from "../src/viewer/annotate/wand";

const UM = { x: 1, y: 1 };
const FIELD: Field = { pixel: 1, upright: 0 };
const square = (x: number, y: number, side: number): AreaGeometry => rectangleOf({ x, y, width: side, height: side, angle: 0 });
const mark = (id: string, kind: MarkKind, geometry: Geometry): Mark => ({
  id,
  kind,
  geometry,
  shape: null,
  plane: null,
  class: null,
  name: "",
  note: "",
  locked: false,
  version: 1,
  created_by: { id: "a", name: "A" },
  created_at: "",
  changed_by: { id: "a", name: "A" },
  changed_at: "",
  colour: null,
  measured: null,
});

describe("maps between slide and screen", () => {
  it("undo themselves and chain", () => {
    const m: Matrix = { a: 0.3, b: 0.4, c: -0.4, d: 0.3, e: 12, f: -7 };
    const [x, y] = apply(invert(m), apply(m, [123.5, -9]));
    expect([x, y]).toEqual([expect.closeTo(123.5, 9), expect.closeTo(-9, 9)]);
    expect(apply(multiply(m, invert(m)), [5, 6])[0]).toBeCloseTo(5, 9);
  });

  it("tell how a box stands upright on a turned and on a mirrored screen", () => {
    const t = (37 * Math.PI) / 180;
    for (const mirror of [1, -1]) {
      const m: Matrix = { a: mirror * Math.cos(t), b: Math.sin(t), c: -mirror * Math.sin(t), d: Math.cos(t), e: 0, f: 0 };
      const ring = rectangleOf(boxBetween(apply(invert(m), [10, 20]), apply(invert(m), [110, 70]), uprightAngle(m))).coordinates[0] ?? [];
      const { left, top, right, bottom } = boundsOf({ type: "LineString", coordinates: ring.map((place) => apply(m, place)) });
      expect([left, top, right, bottom].map(Math.round)).toEqual([10, 20, 110, 70]);
    }
  });
});

describe("outlines", () => {
  it("have the area and the length of their figures", () => {
    expect(areaOf(square(5, 5, 10), UM)).toBe(100);
    expect(lengthOf(square(5, 5, 10), UM)).toBe(40);
    const holed: AreaGeometry = { type: "Polygon", coordinates: [...square(0, 0, 10).coordinates as Place[][], ...square(2, 2, 4).coordinates as Place[][]] };
    expect(areaOf(holed, { x: 0.5, y: 0.5 })).toBe(21);
    const ellipse = ellipseOf({ x: 0, y: 0, width: 200, height: 100, angle: 30 });
    expect(areaOf(ellipse, UM) / (Math.PI * 100 * 50)).toBeCloseTo(1, 3);
  });

  it("know inside from outside and from a hole", () => {
    const paths = pathsOf({ type: "Polygon", coordinates: [...square(0, 0, 10).coordinates as Place[][], ...square(2, 2, 4).coordinates as Place[][]] });
    expect([inside([1, 1], paths), inside([3, 3], paths), inside([11, 3], paths)]).toEqual([true, false, false]);
  });

  it("survive being taken apart and put together", () => {
    const geometries: Geometry[] = [
      square(0, 0, 3),
      { type: "MultiPolygon", coordinates: [square(0, 0, 3).coordinates as Place[][], square(9, 9, 3).coordinates as Place[][]] },
      { type: "LineString", coordinates: [[0, 0], [1, 2]] },
      { type: "Point", coordinates: [1, 2] },
      { type: "MultiPoint", coordinates: [[1, 2], [3, 4]] },
    ];
    for (const geometry of geometries) expect(withPaths(geometry, pathsOf(geometry).map(({ vertices }) => vertices))).toEqual(geometry);
  });

  it("are seen to cross themselves", () => {
    expect(crossesItself([[0, 0], [10, 10], [10, 0], [0, 10]])).toBe(true);
    expect(crossesItself([[0, 0], [10, 0], [10, 10], [0, 10]])).toBe(false);
  });

  it("keep their form with fewer vertices", () => {
    const line = Array.from({ length: 1000 }, (_, i): Place => [i, i % 2 === 0 ? 0 : 0.1]);
    expect(simplified(line, 0.5)).toEqual([line[0], line[999]]);
    expect(simplified(line, 0.01).length).toBe(1000);
  });
});

describe("regions", () => {
  it("grow, shrink and get holes", () => {
    const a = square(0, 0, 10);
    expect(areaOf(united(a, square(5, 0, 10)) as AreaGeometry, UM)).toBe(150);
    expect(areaOf(without(a, square(2, 2, 4)) as AreaGeometry, UM)).toBe(84);
    expect(without(a, square(-1, -1, 20))).toBeNull();
    const apart = united(a, square(30, 0, 10));
    expect(apart?.type).toBe("MultiPolygon");
    const back = without(apart as AreaGeometry, square(30, 0, 10));
    expect(areaOf(back as AreaGeometry, UM)).toBe(100);
  });

  it("keep a hole when something else is added", () => {
    const holed = without(square(0, 0, 10), square(2, 2, 4)) as AreaGeometry;
    expect(areaOf(united(holed, square(20, 0, 10)) as AreaGeometry, UM)).toBe(184);
  });

  it("come of a line that crosses itself", () => {
    const eight = enclosed([[0, 0], [10, 10], [10, 0], [0, 10]]);
    expect(eight?.type).toBe("MultiPolygon");
    expect(areaOf(eight as AreaGeometry, UM)).toBeCloseTo(50, 6);
  });

  it("are as wide as the brush", () => {
    const region = stroked([[0, 0], [100, 0]], 10) as AreaGeometry;
    expect(areaOf(region, UM)).toBeGreaterThan(2000);
    expect(areaOf(region, UM)).toBeLessThan(2000 + Math.PI * 100);
    const { left, right } = boundsOf(region);
    expect([left, right]).toEqual([-10, 110]);
  });
});

describe("the wand", () => {
  const picture = { pixels: new Uint8Array(40 * 30 * 4).fill(230), width: 40, height: 30 };
  for (let y = 8; y < 20; y++) for (let x = 10; x < 25; x++) picture.pixels.set([120, 40, 120, 255], (y * 40 + x) * 4);

  it("takes what looks like the place, and stops where it looks otherwise", () => {
    const taken = alike(picture, [17.5, 14.2], 1).reduce((sum, value) => sum + value, 0);
    expect(taken).toBeGreaterThanOrEqual(13 * 10);
    expect(taken).toBeLessThanOrEqual(15 * 12);
  });

  it("draws lines around masks, holes included, that meet no corner twice", () => {
    const mask = new Uint8Array(25);
    for (const i of [6, 7, 8, 11, 13, 16, 17]) mask[i] = 1;
    const rings = contours(mask, 5, 5);
    for (const ring of rings) expect(new Set(ring.map(String)).size).toBe(ring.length);
    const sum = rings.map((ring) => areaOf({ type: "Polygon", coordinates: [ring] }, UM)).sort((a, b) => b - a);
    expect((sum[0] ?? 0) - (sum[1] ?? 0)).toBe(7);
  });
});

describe("tools", () => {
  const click = (drawing: ReturnType<typeof startDrawing>, at: Place): Made | null => drawing.press(at, FIELD) ?? drawing.release(at, FIELD);

  it("make a box by a drag or by two clicks", () => {
    const byDrag = startDrawing("rectangle");
    byDrag.press([0, 0], FIELD);
    byDrag.drag([30, 20], FIELD);
    expect(byDrag.release([30, 20], FIELD)?.shape).toEqual({ x: 0, y: 0, width: 30, height: 20, angle: 0 });
    const byClicks = startDrawing("ellipse");
    expect(click(byClicks, [0, 0])).toBeNull();
    expect(click(byClicks, [30, 20])?.kind).toBe("ellipse");
  });

  it("close a polygon at its first corner, and end a line by a second click in one place", () => {
    const polygon = startDrawing("polygon");
    for (const at of [[0, 0], [50, 0], [50, 50]] as Place[]) expect(click(polygon, at)).toBeNull();
    expect(click(polygon, [3, 3])?.geometry.coordinates).toEqual([[[0, 0], [50, 0], [50, 50], [0, 0]]]);
    const line = startDrawing("polyline");
    expect(click(line, [0, 0])).toBeNull();
    expect(click(line, [50, 0])).toBeNull();
    expect(click(line, [51, 0])?.geometry.coordinates).toEqual([[0, 0], [50, 0]]);
  });

  it("draw freely while the pointer is down", () => {
    const polygon = startDrawing("polygon");
    polygon.press([0, 0], FIELD);
    for (let t = 0.1; t < 6.2; t += 0.1) polygon.drag([100 * Math.cos(t) - 100, 100 * Math.sin(t)], FIELD);
    const made = polygon.release([0, 0], FIELD);
    expect(areaOf(made?.geometry as AreaGeometry, UM)).toBeGreaterThan(30_000);
  });

  it("work with keys alone: a corner at a time, the same place twice ends", () => {
    const polygon = startDrawing("polygon");
    for (const at of [[0, 0], [40, 0], [40, 40]] as Place[]) expect(polygon.place(at, FIELD)).toBeNull();
    expect(polygon.back()).toBe(true);
    polygon.place([0, 40], FIELD);
    expect(polygon.place([0, 40], FIELD)?.kind).toBe("polygon");
    const ruler = startDrawing("ruler");
    ruler.place([0, 0], FIELD);
    expect(lengthOf(ruler.place([30, 40], FIELD)?.geometry as Geometry, UM)).toBe(50);
  });

  it("have keys", () => {
    expect(toolOf({ key: "R", code: "KeyR", shiftKey: false })).toBe("rectangle");
    expect(toolOf({ key: "R", code: "KeyR", shiftKey: true })).toBe("ruler");
    expect(toolOf({ key: ".", code: "Period", shiftKey: false })).toBe("points");
    expect(toolOf({ key: "x", code: "KeyX", shiftKey: false })).toBeNull();
  });
});

describe("handles", () => {
  const polygon = { kind: "polygon" as const, geometry: square(0, 0, 100), shape: null };

  it("move, add and take vertices", () => {
    const corner = handleAt(handlesOf(polygon, 1), [101, 99], 5);
    expect(corner?.kind).toBe("vertex");
    const wide = corner && dragged(polygon, corner, [200, 100]);
    expect(areaOf(wide?.geometry as AreaGeometry, UM)).toBe(15_000);
    const middle = handleAt(handlesOf(polygon, 1), [50, 1], 5);
    const more = middle && dragged(polygon, middle, [50, -20]);
    expect(areaOf(more?.geometry as AreaGeometry, UM)).toBe(11_000);
    expect(areaOf(withoutVertex(polygon, 0, 0)?.geometry as AreaGeometry, UM)).toBe(5000);
    const triangle = withoutVertex(polygon, 0, 0) as Outline;
    expect(withoutVertex({ ...polygon, ...triangle }, 0, 0)).toBeNull();
  });

  it("resize a turned box and leave its opposite corner in place", () => {
    const shape = { x: 10, y: 20, width: 80, height: 40, angle: 25 };
    const box = { kind: "rectangle" as const, geometry: rectangleOf(shape), shape };
    const stays = fromBox(shape, [-40, -20]);
    const handle = handlesOf(box, 1).find((each) => each.kind === "side" && each.across === 1 && each.down === 1);
    const next = handle && dragged(box, handle, fromBox(shape, [60, 50]));
    expect(next?.shape?.width).toBeCloseTo(100, 9);
    expect(next?.shape?.height).toBeCloseTo(70, 9);
    const [x, y] = next?.shape ? fromBox(next.shape, [-50, -35]) : [0, 0];
    expect([x, y]).toEqual([expect.closeTo(stays[0], 9), expect.closeTo(stays[1], 9)]);
    expect(intoBox(shape, fromBox(shape, [3, 4]))[0]).toBeCloseTo(3, 9);
    expect(shifted(box, 5, 6).shape).toMatchObject({ x: 15, y: 26 });
  });
});

describe("turning a box", () => {
  const shape = { x: 10, y: 20, width: 80, height: 40, angle: 0 };
  const box = { kind: "ellipse" as const, geometry: ellipseOf(shape), shape };
  const handle = handlesOf(box, 2).find(({ kind }) => kind === "turn");

  it("has its handle above the upper side, as far on the screen at every power", () => {
    expect(handle?.at).toEqual([50, 20 - 26 * 2]);
  });

  it("follows the pointer around the centre, which stays", () => {
    const next = handle && dragged(box, handle, [50 + 100, 40 - 100]);
    expect(next?.shape).toMatchObject({ angle: expect.closeTo(45, 9) as number, width: 80, height: 40 });
    expect(next?.shape && fromBox(next.shape, [0, 0])).toEqual([50, 40]);
    expect(areaOf(next?.geometry as AreaGeometry, UM)).toBeCloseTo(areaOf(box.geometry, UM), 6);
  });

  it("stands upright when it nearly does", () => {
    expect(handle && dragged(box, handle, [51, -60]).shape?.angle).toBe(0);
    expect(handle && dragged(box, handle, [150, 42]).shape?.angle).toBe(90);
  });

  it("goes round by keys, and leaves alone what is no box", () => {
    expect(turned({ ...box, ...turned(box, -15) }, 375).shape?.angle).toBe(0);
    const line: Outline & { kind: "line" } = { kind: "line", geometry: { type: "LineString", coordinates: [[0, 0], [1, 1]] }, shape: null };
    expect(turned(line, 15)).toBe(line);
  });
});

describe("finding marks", () => {
  const marks = [mark("large", "polygon", square(0, 0, 1000)), mark("small", "polygon", square(100, 100, 50)), mark("line", "line", { type: "LineString", coordinates: [[0, 500], [1000, 500]] })];
  const index = new GridIndex(2000, 2000);
  for (const each of marks) index.set(each.id, boundsOf(each.geometry));
  const under = (at: Place) => {
    const found = index.search({ left: at[0] - 5, top: at[1] - 5, right: at[0] + 5, bottom: at[1] + 5 });
    return markAt(marks.filter(({ id }) => found.has(id)), (id) => index.boundsOf(id), at, 5)?.id;
  };

  it("takes the smallest region, and a line before a region", () => {
    expect([under([125, 125]), under([500, 300]), under([500, 503]), under([1500, 1500])]).toEqual(["small", "large", "line", undefined]);
  });

  it("forgets what is gone, and finds what lies off the slide", () => {
    const grid = new GridIndex(100, 100);
    grid.set("off", { left: -50, top: -50, right: -40, bottom: -40 });
    expect([...grid.search({ left: -60, top: -60, right: -45, bottom: -45 })]).toEqual(["off"]);
    grid.delete("off");
    expect(grid.search({ left: -60, top: -60, right: 200, bottom: 200 }).size).toBe(0);
  });
});

describe("labels", () => {
  const size = { width: 80, height: 20 };
  const field = { width: 800, height: 600 };
  it("stand outside of the mark, or not at all", () => {
    for (const bounds of [{ left: 100, top: 100, right: 200, bottom: 200 }, { left: 300, top: 5, right: 500, bottom: 300 }, { left: 200, top: 2, right: 400, bottom: 598 }]) {
      const place = labelPlace(bounds, size, field);
      const [x, y] = place ?? [0, 0];
      expect(place).not.toBeNull();
      expect(x + size.width <= bounds.left || x >= bounds.right || y + size.height <= bounds.top || y >= bounds.bottom).toBe(true);
    }
    expect(labelPlace({ left: -10, top: -10, right: 900, bottom: 700 }, size, field)).toBeNull();
  });
});
