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
  /** Of a box: sides as -1, 0, 1. */
  | { kind: "side"; across: -1 | 0 | 1; down: -1 | 0 | 1; at: Place };

const SIDES = [-1, 0, 1] as const;

const isBoxed = (mark: Outline & Pick<Mark, "kind">): boolean => mark.shape !== null && (mark.kind === "rectangle" || mark.kind === "ellipse");

/** Fewest vertices that a line may be left with. */
function fewest(mark: Pick<Mark, "kind" | "geometry">): number {
  if (mark.geometry.type === "Polygon" || mark.geometry.type === "MultiPolygon") return 3;
  return mark.geometry.type === "LineString" ? 2 : 1;
}

/** Whether vertices may come and go: a ruler, a line and an arrow always have two. */
const mayGrow = ({ kind }: Pick<Mark, "kind">) => kind === "polygon" || kind === "brush" || kind === "polyline" || kind === "rectangle" || kind === "ellipse";

export function handlesOf(mark: Outline & Pick<Mark, "kind">): Handle[] {
  const { shape } = mark;
  if (shape && isBoxed(mark)) {
    return SIDES.flatMap((down) =>
      SIDES.flatMap((across): Handle[] =>
        across === 0 && down === 0 ? [] : [{ kind: "side", across, down, at: fromBox(shape, [(across * shape.width) / 2, (down * shape.height) / 2]) }],
      ),
    );
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

/** The outline when a handle is dragged to a place. */
export function dragged(mark: Outline & Pick<Mark, "kind">, handle: Handle, to: Place): Outline {
  if (handle.kind === "side") return resized(mark, handle, to);
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

/** The handle under a place, vertices before middles, or null. `reach` is in pixels of the slide. */
export function handleAt(handles: readonly Handle[], place: Place, reach: number): Handle | null {
  const near = handles.filter(({ at }) => distance(at, place) <= reach);
  const nearest = (kind: boolean) =>
    near.filter((handle) => (handle.kind !== "middle") === kind).sort((a, b) => distance(a.at, place) - distance(b.at, place))[0];
  return nearest(true) ?? nearest(false) ?? null;
}
