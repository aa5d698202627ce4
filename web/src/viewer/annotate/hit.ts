/** Which mark lies under a place. */
import { inside, pathsOf, toPath, type Bounds } from "./geometry";
import { isArea, type Mark, type Place } from "./mark";

/** How far a place is from the line of a mark. */
export function offLine(mark: Mark, place: Place): number {
  let nearest = Infinity;
  for (const path of pathsOf(mark.geometry)) nearest = Math.min(nearest, toPath(place, path));
  return nearest;
}

const size = ({ left, top, right, bottom }: Bounds) => (right - left) * (bottom - top);

/**
 * The mark under a place: the nearest line within `reach`, else the smallest region around the place.
 *
 * The smallest, because a mark inside of a larger one could not be reached otherwise.
 */
export function markAt(marks: Iterable<Mark>, boundsOf: (id: string) => Bounds | undefined, place: Place, reach: number): Mark | null {
  let line: { mark: Mark; off: number } | null = null;
  let region: { mark: Mark; size: number } | null = null;
  for (const mark of marks) {
    const off = offLine(mark, place);
    if (off <= reach && (!line || off < line.off)) line = { mark, off };
    const bounds = boundsOf(mark.id);
    if (!isArea(mark.kind) || !bounds || !inside(place, pathsOf(mark.geometry))) continue;
    if (!region || size(bounds) < region.size) region = { mark, size: size(bounds) };
  }
  return (line ?? region)?.mark ?? null;
}
