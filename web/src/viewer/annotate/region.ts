/** Regions as sets: united, cut out, made whole. Coordinates are kept to 1/64 pixel, so that results are exact. */
import { ClipType, FillRule } from "clipper2-ts/dist/Core.js";
import { Clipper64, PolyTree64, type PolyPath64 } from "clipper2-ts/dist/Engine.js";
import { inside, pathsOf } from "./geometry";
import type { AreaGeometry, Place } from "./mark";

const GRID = 64;
/** Screen pixels between the corners of a brush stroke's round ends. */
const ARC_STEPS = 24;

type Rings = readonly (readonly Place[])[];

const toGrid = (rings: Rings) => rings.map((ring) => ring.map(([x, y]) => ({ x: Math.round(x * GRID), y: Math.round(y * GRID) })));

function ringOf(path: PolyPath64): Place[] {
  const ring = (path.polygon ?? []).map(({ x, y }): Place => [x / GRID, y / GRID]);
  const first = ring[0];
  return first ? [...ring, first] : [];
}

function collect(path: PolyPath64, polygons: Place[][][]): void {
  for (let i = 0; i < path.count; i++) {
    const outline = path.child(i) as PolyPath64;
    const polygon = [ringOf(outline)];
    for (let j = 0; j < outline.count; j++) {
      const hole = outline.child(j) as PolyPath64;
      polygon.push(ringOf(hole));
      collect(hole, polygons);
    }
    polygons.push(polygon);
  }
}

/** The loops of a ring that meets itself in a corner, each of which is a valid ring. */
function loopsOf(ring: readonly Place[]): Place[][] {
  const loops: Place[][] = [];
  let line: Place[] = [];
  const seen = new Map<string, number>();
  for (const place of ring) {
    const key = place.join();
    const before = seen.get(key);
    line.push(place);
    if (before === undefined) {
      seen.set(key, line.length - 1);
      continue;
    }
    const loop = line.slice(before);
    for (const left of loop.slice(1, -1)) seen.delete(left.join());
    line = line.slice(0, before + 1);
    if (loop.length > 3) loops.push(loop);
  }
  return loops;
}

/** A polygon whose outline meets itself in a corner, as polygons that only meet each other there. */
function apart(polygon: Place[][]): Place[][][] {
  const [outline = [], ...holes] = polygon;
  const loops = loopsOf(outline);
  if (loops.length < 2) return [polygon];
  const way = Math.sign(turning(outline));
  const parts = loops.filter((loop) => Math.sign(turning(loop)) === way).map((loop) => [loop]);
  for (const hole of [...loops.filter((loop) => Math.sign(turning(loop)) !== way), ...holes.flatMap(loopsOf)]) {
    const [from, to] = [hole[0] as Place, hole[1] as Place];
    const middle: Place = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    const around = parts.find(([part]) => inside(middle, [{ vertices: part as Place[], closed: true }]));
    (around ?? parts[0])?.push(hole);
  }
  return parts;
}

/** Which way round a ring runs, by sign. */
function turning(ring: readonly Place[]): number {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    const [from, to] = [ring[i - 1] as Place, ring[i] as Place];
    sum += from[0] * to[1] - to[0] * from[1];
  }
  return sum;
}

function combine(type: ClipType, rule: FillRule, subject: Rings, clip: Rings): AreaGeometry | null {
  const clipper = new Clipper64();
  clipper.preserveCollinear = false;
  clipper.addSubject(toGrid(subject));
  if (clip.length > 0) clipper.addClip(toGrid(clip));
  const tree = new PolyTree64();
  clipper.execute(type, rule, tree);
  const whole: Place[][][] = [];
  collect(tree, whole);
  const polygons = whole.flatMap(apart);
  const [first, ...more] = polygons;
  if (!first) return null;
  return more.length === 0 ? { type: "Polygon", coordinates: first } : { type: "MultiPolygon", coordinates: polygons };
}

/** Rings of a geometry, outlines running one way and holes the other, as the filling rule needs them. */
const ringsOf = (geometry: AreaGeometry): Rings => {
  const whole = combine(ClipType.Union, FillRule.EvenOdd, pathsOf(geometry).map(({ vertices }) => vertices), []);
  return whole ? pathsOf(whole).map(({ vertices }) => vertices) : [];
};

/** What lies in either. */
export const united = (a: AreaGeometry, b: AreaGeometry): AreaGeometry | null => combine(ClipType.Union, FillRule.NonZero, ringsOf(a), ringsOf(b));

/** What lies in the first and not in the second; null for nothing. */
export const without = (a: AreaGeometry, b: AreaGeometry): AreaGeometry | null => combine(ClipType.Difference, FillRule.NonZero, ringsOf(a), ringsOf(b));

/** The region that a line encloses which may cross itself; null where it encloses nothing. */
export const enclosed = (ring: readonly Place[]): AreaGeometry | null => combine(ClipType.Union, FillRule.NonZero, [ring], []);

/** The region whose outlines and holes are given in any order and direction. */
export const filled = (rings: Rings): AreaGeometry | null => combine(ClipType.Union, FillRule.EvenOdd, rings, []);

function circle([x, y]: Place, radius: number): Place[] {
  return Array.from({ length: ARC_STEPS }, (_, i): Place => {
    const t = (2 * Math.PI * i) / ARC_STEPS;
    return [x + radius * Math.cos(t), y + radius * Math.sin(t)];
  });
}

/** The two sides of a stroke between two places, running the same way round as `circle`. */
function band([ax, ay]: Place, [bx, by]: Place, radius: number): Place[] {
  const length = Math.hypot(bx - ax, by - ay) || 1;
  const [nx, ny] = [(-(by - ay) / length) * radius, ((bx - ax) / length) * radius];
  return [
    [ax - nx, ay - ny],
    [bx - nx, by - ny],
    [bx + nx, by + ny],
    [ax + nx, ay + ny],
  ];
}

/** What a round brush covers that is drawn along a line. */
export function stroked(line: readonly Place[], radius: number): AreaGeometry | null {
  const rings: Place[][] = [];
  line.forEach((place, index) => {
    rings.push(circle(place, radius));
    const before = line[index - 1];
    if (before) rings.push(band(before, place, radius));
  });
  return combine(ClipType.Union, FillRule.NonZero, rings, []);
}
