/** Plane geometry of marks: outlines, bounds, lengths, areas, distances. */
import type { AreaGeometry, Geometry, Place } from "./mark";

export interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** One line of a mark; a closed one does not repeat its first vertex. */
export interface Path {
  vertices: Place[];
  closed: boolean;
}

const open = (ring: readonly Place[]): Place[] => {
  const [first, last] = [ring[0], ring.at(-1)];
  return first && last && ring.length > 1 && first[0] === last[0] && first[1] === last[1] ? ring.slice(0, -1) : [...ring];
};

const close = (vertices: readonly Place[]): Place[] => {
  const first = vertices[0];
  return first ? [...vertices, first] : [];
};

/** The lines of a geometry, every point of a set of points its own. */
export function pathsOf(geometry: Geometry): Path[] {
  switch (geometry.type) {
    case "Polygon":
      return geometry.coordinates.map((ring) => ({ vertices: open(ring), closed: true }));
    case "MultiPolygon":
      return geometry.coordinates.flat().map((ring) => ({ vertices: open(ring), closed: true }));
    case "LineString":
      return [{ vertices: geometry.coordinates, closed: false }];
    case "Point":
      return [{ vertices: [geometry.coordinates], closed: false }];
    case "MultiPoint":
      return geometry.coordinates.map((point) => ({ vertices: [point], closed: false }));
  }
}

/** The geometry with other vertices, in the order of `pathsOf`. A path without vertices falls out. */
export function withPaths(geometry: Geometry, paths: readonly (readonly Place[])[]): Geometry {
  switch (geometry.type) {
    case "Polygon":
      return { type: "Polygon", coordinates: paths.filter((path) => path.length > 0).map(close) };
    case "MultiPolygon": {
      let next = 0;
      const coordinates = geometry.coordinates.map((polygon) => polygon.map(() => paths[next++] ?? []).filter((path) => path.length > 0).map(close));
      return { type: "MultiPolygon", coordinates: coordinates.filter((polygon) => polygon.length > 0) };
    }
    case "LineString":
      return { type: "LineString", coordinates: [...(paths[0] ?? [])] };
    case "Point":
      return { type: "Point", coordinates: paths[0]?.[0] ?? geometry.coordinates };
    case "MultiPoint":
      return { type: "MultiPoint", coordinates: paths.flatMap((path) => path.slice(0, 1)) };
  }
}

export function moved(geometry: Geometry, dx: number, dy: number): Geometry {
  return withPaths(
    geometry,
    pathsOf(geometry).map(({ vertices }) => vertices.map(([x, y]): Place => [x + dx, y + dy])),
  );
}

export function boundsOfPlaces(places: Iterable<Place>): Bounds {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [x, y] of places) {
    if (x < bounds.left) bounds.left = x;
    if (x > bounds.right) bounds.right = x;
    if (y < bounds.top) bounds.top = y;
    if (y > bounds.bottom) bounds.bottom = y;
  }
  return bounds;
}

export function boundsOf(geometry: Geometry): Bounds {
  const all = pathsOf(geometry).map(({ vertices }) => boundsOfPlaces(vertices));
  return all.reduce(unionOf, { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity });
}

export const unionOf = (a: Bounds, b: Bounds): Bounds => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
});

export const meets = (a: Bounds, b: Bounds): boolean => a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;

export const distance = (a: Place, b: Place): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** From a place to the nearest of a segment. */
export function toSegment([px, py]: Place, [ax, ay]: Place, [bx, by]: Place): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / square));
  return Math.hypot(px - ax - along * dx, py - ay - along * dy);
}

/** From a place to the nearest of a path's line or, where it has one vertex, to that. */
export function toPath(place: Place, { vertices, closed }: Path): number {
  let nearest = Infinity;
  const count = vertices.length;
  for (let i = 0; i < count; i++) {
    const from = vertices[i] as Place;
    const to = vertices[i + 1] ?? (closed ? vertices[0] : undefined) ?? from;
    nearest = Math.min(nearest, toSegment(place, from, to));
  }
  return nearest;
}

/** Whether a place lies inside, holes taken out: the even-odd rule over all lines. */
export function inside([x, y]: Place, paths: readonly Path[]): boolean {
  let odd = false;
  for (const { vertices, closed } of paths) {
    if (!closed) continue;
    for (let i = 0, j = vertices.length - 1; i < vertices.length; j = i++) {
      const [xi, yi] = vertices[i] as Place;
      const [xj, yj] = vertices[j] as Place;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
  }
  return odd;
}

/** Twice the signed area; positive for a ring that runs clockwise on a screen. */
function doubled(vertices: readonly Place[], um: { x: number; y: number }): number {
  let sum = 0;
  for (let i = 0, j = vertices.length - 1; i < vertices.length; j = i++) {
    const [xi, yi] = vertices[i] as Place;
    const [xj, yj] = vertices[j] as Place;
    sum += xj * yi - xi * yj;
  }
  return sum * um.x * um.y;
}

export function areaOf(geometry: AreaGeometry, um: { x: number; y: number }): number {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  let sum = 0;
  for (const [outline, ...holes] of polygons) {
    if (!outline) continue;
    sum += Math.abs(doubled(outline, um));
    for (const hole of holes) sum -= Math.abs(doubled(hole, um));
  }
  return sum / 2;
}

/** Length of all lines, closed ones all around. */
export function lengthOf(geometry: Geometry, um: { x: number; y: number }): number {
  let sum = 0;
  for (const { vertices, closed } of pathsOf(geometry)) {
    const line = closed ? close(vertices) : vertices;
    for (let i = 1; i < line.length; i++) {
      const [from, to] = [line[i - 1] as Place, line[i] as Place];
      sum += Math.hypot((to[0] - from[0]) * um.x, (to[1] - from[1]) * um.y);
    }
  }
  return sum;
}

/** Fewer vertices, none of the dropped ones further than `tolerance` from the line (Douglas and Peucker 1973). */
export function simplified(vertices: readonly Place[], tolerance: number): Place[] {
  if (vertices.length < 3) return [...vertices];
  const kept = new Uint8Array(vertices.length);
  kept[0] = kept[vertices.length - 1] = 1;
  const spans: [number, number][] = [[0, vertices.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span;
    let [far, at] = [tolerance, -1];
    for (let i = first + 1; i < last; i++) {
      const off = toSegment(vertices[i] as Place, vertices[first] as Place, vertices[last] as Place);
      if (off > far) [far, at] = [off, i];
    }
    if (at < 0) continue;
    kept[at] = 1;
    spans.push([first, at], [at, last]);
  }
  return vertices.filter((_, index) => kept[index] === 1);
}

const turn = (a: Place, b: Place, c: Place): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function cross(a: Place, b: Place, c: Place, d: Place): boolean {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

/** Whether a closed line crosses itself. Segments are compared by a sweep in x, so long outlines stay quick. */
export function crossesItself(vertices: readonly Place[]): boolean {
  const count = vertices.length;
  const segments = vertices.map((from, index) => ({ index, from, to: vertices[(index + 1) % count] as Place }));
  segments.sort((p, q) => Math.min(p.from[0], p.to[0]) - Math.min(q.from[0], q.to[0]));
  let active: typeof segments = [];
  for (const segment of segments) {
    const left = Math.min(segment.from[0], segment.to[0]);
    active = active.filter((other) => Math.max(other.from[0], other.to[0]) >= left);
    for (const other of active) {
      const apart = Math.abs(segment.index - other.index);
      if (apart === 1 || apart === count - 1) continue;
      if (cross(segment.from, segment.to, other.from, other.to)) return true;
    }
    active.push(segment);
  }
  return false;
}
