/** What of a focus stack is on the screen: one of the planes that were scanned, or what the server computes from all. */

/** In their order on the screen: the sharpest plane of each region, and all planes fused. */
export const COMPUTED_PLANES = ["best-focus", "extended-depth"] as const;
export type ComputedPlane = (typeof COMPUTED_PLANES)[number];

/** A scanned plane by its number, or a computed one; spelled like this in addresses. */
export type Plane = number | ComputedPlane;

export const isComputed = (plane: Plane): plane is ComputedPlane => typeof plane !== "number";

export const isPlane = (value: unknown): value is Plane => Number.isInteger(value) || COMPUTED_PLANES.some((name) => name === value);

/** The scanned plane that stands for a computed one where only a scanned one will do: the middle one. */
export function scannedPlane(plane: Plane, count: number): number {
  return isComputed(plane) ? Math.floor(count / 2) : plane;
}

/** The plane as the slide has it, whatever was asked for. */
export function planeWithin(plane: Plane, count: number): Plane {
  if (isComputed(plane)) return count > 1 ? plane : 0;
  return Math.min(Math.max(plane, 0), Math.max(0, count - 1));
}
