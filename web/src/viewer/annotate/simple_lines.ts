/** Lines with no more vertices than can be seen. */
import { pathsOf, simplified, type Path } from "./geometry";
import type { Geometry } from "./mark";

/** Screen pixels that a simplified line may run off the true one. */
const TOLERANCE_PX = 0.4;
/** Lines with so few vertices are quicker drawn than simplified. */
const FEW = 32;

interface Simple {
  tolerance: number;
  paths: Path[];
}

/** A geometry is never changed in place, so what was worked out for it holds as long as it lives. */
const known = new WeakMap<Geometry, Simple>();

/** The lines of a geometry for a scale, in screen pixels per slide pixel; kept for the next frames at a like scale. */
export function simpleLines(geometry: Geometry, scale: number): Path[] {
  const tolerance = 2 ** Math.floor(Math.log2(TOLERANCE_PX / scale));
  const before = known.get(geometry);
  if (before?.tolerance === tolerance) return before.paths;
  const paths = pathsOf(geometry).map(({ vertices, closed }) => ({ vertices: vertices.length <= FEW ? vertices : simplified(vertices, tolerance), closed }));
  known.set(geometry, { tolerance, paths });
  return paths;
}
