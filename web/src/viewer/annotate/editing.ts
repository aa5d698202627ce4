/** How a mark is changed by its handles. Nothing here changes a mark: each answer is a new content. */
import { boxBetween, fromBox, intoBox, outlineOf } from "./boxes";
import { distance, moved, pathsOf, withPaths } from "./geometry";
import type { Box, Geometry, Mark, Place } from "./mark";

export interface Outline {
  geometry: Geometry;
  shape: Box | null;
}

export type Handle =
  | { kind: "vertex"; path: number; index: number; at: Place }
  /** In the middle of the segment that starts at `index`; dragging it makes a vertex. */
  | { kind: "middle"; path: number; index: number; at: Place }
  /** Of a box, above its upper side: turns it around its centre. */
  | { kind: "turn"; at: Place }
  /** Of a box: sides as -1, 0, 1. */
  | { kind: "side"; across: -1 | 0 | 1; down: -1 | 0 | 1; at: Place };

const SIDES = [-1, 0, 1] as const;
/** Outlines with more vertices than this are changed by brush and wand, not by handles. */
const MOST_HELD = 3000;
/** Screen pixels from the upper side to the handle that turns. */
const TURN_OFF_PX = 26;
/** Degrees around the axes of the slide within which a turned box stands upright. */
const TURN_SLIP = 2;

const isBoxed = (mark: Outline & Pick<Mark, "kind">): boolean => mark.shape !== null && (mark.kind === "rectangle" || mark.kind === "ellipse");

/** Fewest vertices that a line may be left with. */
function fewest(mark: Pick<Mark, "kind" | "geometry">): number {
  if (mark.geometry.type === "Polygon" || mark.geometry.type === "MultiPolygon") return 3;
  return mark.geometry.type === "LineString" ? 2 : 1;
}

/** Whether vertices may come and go: a ruler, a line and an arrow always have two. */
const mayGrow = ({ kind }: Pick<Mark, "kind">) => kind === "polygon" || kind === "brush" || kind === "polyline" || kind === "rectangle" || kind === "ellipse";

/** `pixel` is the pixels of the slide in one of the screen. */
export function handlesOf(mark: Outline & Pick<Mark, "kind">, pixel: number): Handle[] {
  const { shape } = mark;
  if (shape && isBoxed(mark)) {
    const sides = SIDES.flatMap((down) =>
      SIDES.flatMap((across): Handle[] =>
        across === 0 && down === 0 ? [] : [{ kind: "side", across, down, at: fromBox(shape, [(across * shape.width) / 2, (down * shape.height) / 2]) }],
      ),
    );
    return [...sides, { kind: "turn", at: fromBox(shape, [0, -shape.height / 2 - TURN_OFF_PX * pixel]) }];
  }
  return pathsOf(mark.geometry).flatMap(({ vertices, closed }, path) =>
    vertices.flatMap((at, index): Handle[] => {
      const next = vertices[index + 1] ?? (closed ? vertices[0] : undefined);
      const vertex: Handle = { kind: "vertex", path, index, at };
      if (!next || !mayGrow(mark)) return [vertex];
      return [vertex, { kind: "middle", path, index, at: [(at[0] + next[0]) / 2, (at[1] + next[1]) / 2] }];
    }),
  );
}

/** Its handles, none of a mark that has too many to be of use. */
export function handlesIfFew(mark: Outline & Pick<Mark, "kind">, pixel: number): Handle[] {
  const vertices = pathsOf(mark.geometry).reduce((sum, path) => sum + path.vertices.length, 0);
  return vertices > MOST_HELD ? [] : handlesOf(mark, pixel);
}

/** The outline when a handle is dragged to a place. */
export function dragged(mark: Outline & Pick<Mark, "kind">, handle: Handle, to: Place): Outline {
  if (handle.kind === "side") return resized(mark, handle, to);
  if (handle.kind === "turn") return turnedTo(mark, to);
  const paths = pathsOf(mark.geometry).map(({ vertices }) => [...vertices]);
  const path = paths[handle.path];
  if (handle.kind === "vertex") path?.splice(handle.index, 1, to);
  else path?.splice(handle.index + 1, 0, to);
  return { geometry: withPaths(mark.geometry, paths), shape: null };
}

function resized(mark: Outline & Pick<Mark, "kind">, { across, down }: Extract<Handle, { kind: "side" }>, to: Place): Outline {
  const { shape } = mark;
  if (!shape || (mark.kind !== "rectangle" && mark.kind !== "ellipse")) return mark;
  const [w, h] = [shape.width / 2, shape.height / 2];
  const wanted = intoBox(shape, to);
  const stays = fromBox(shape, [-(across || -1) * w, -(down || -1) * h]);
  const moves = fromBox(shape, [across === 0 ? w : wanted[0], down === 0 ? h : wanted[1]]);
  const box = boxBetween(stays, moves, shape.angle);
  return { geometry: outlineOf(mark.kind, box), shape: box };
}

/** The box with its upper side towards a place, or along the slide when that is nearly so. */
function turnedTo(mark: Outline & Pick<Mark, "kind">, to: Place): Outline {
  if (!mark.shape) return mark;
  const [cx, cy] = fromBox(mark.shape, [0, 0]);
  const angle = (Math.atan2(to[1] - cy, to[0] - cx) * 180) / Math.PI + 90;
  const straight = Math.round(angle / 90) * 90;
  return turned(mark, (Math.abs(angle - straight) <= TURN_SLIP ? straight : angle) - mark.shape.angle);
}

/** The box turned clockwise on the slide; what is no box stays as it is. */
export function turned(mark: Outline & Pick<Mark, "kind">, degrees: number): Outline {
  const { shape, kind } = mark;
  if (!shape || (kind !== "rectangle" && kind !== "ellipse")) return mark;
  const box = { ...shape, angle: (((shape.angle + degrees) % 360) + 360) % 360 };
  return { geometry: outlineOf(kind, box), shape: box };
}

export function shifted({ geometry, shape }: Outline, dx: number, dy: number): Outline {
  return { geometry: moved(geometry, dx, dy), shape: shape && { ...shape, x: shape.x + dx, y: shape.y + dy } };
}

/** Without one vertex. A path that gets too short goes as a whole; null when nothing would be left. */
export function withoutVertex(mark: Outline & Pick<Mark, "kind">, path: number, index: number): Outline | null {
  if (isBoxed(mark)) return null;
  const paths = pathsOf(mark.geometry).map(({ vertices }) => [...vertices]);
  const line = paths[path];
  if (!line) return null;
  line.splice(index, 1);
  if (line.length < fewest(mark)) line.length = 0;
  // A polygon without its outline is none, whatever holes it had.
  if (mark.geometry.type === "Polygon" && paths[0]?.length === 0) return null;
  if (!paths.some((left) => left.length > 0)) return null;
  return { geometry: withPaths(mark.geometry, paths), shape: null };
}

/** Whether two handles are the same of a mark, wherever they have been dragged to. */
export function sameHandle(a: Handle, b: Handle): boolean {
  if (a.kind === "side") return b.kind === "side" && a.across === b.across && a.down === b.down;
  if (a.kind === "turn" || b.kind === "turn" || b.kind === "side") return a.kind === b.kind;
  return b.kind === a.kind && b.path === a.path && b.index === a.index;
}

/** The handle under a place, vertices before middles, or null. `reach` is in pixels of the slide. */
export function handleAt(handles: readonly Handle[], place: Place, reach: number): Handle | null {
  const near = handles.filter(({ at }) => distance(at, place) <= reach);
  const nearest = (kind: boolean) =>
    near.filter((handle) => (handle.kind !== "middle") === kind).sort((a, b) => distance(a.at, place) - distance(b.at, place))[0];
  return nearest(true) ?? nearest(false) ?? null;
}
