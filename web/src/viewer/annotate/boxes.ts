/** Rectangles and ellipses: from a box that stands at an angle to the outline, and back to its handles. */
import type { Box, Place, PolygonGeometry } from "./mark";

/** The farthest that the outline of an ellipse may run inside of the true one, as a share of the larger half axis. */
const ELLIPSE_SAG = 1 / 4000;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** A place given from the box's centre along its own sides, in pixels of the slide. */
export function fromBox({ x, y, width, height, angle }: Box, [across, down]: Place): Place {
  const [cos, sin] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
  return [x + width / 2 + across * cos - down * sin, y + height / 2 + across * sin + down * cos];
}

/** The same place seen from the box's centre along its own sides. */
export function intoBox({ x, y, width, height, angle }: Box, [px, py]: Place): Place {
  const [cos, sin] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
  const [dx, dy] = [px - x - width / 2, py - y - height / 2];
  return [dx * cos + dy * sin, -dx * sin + dy * cos];
}

/** The box with two opposite corners, its sides turned by `angle`. */
export function boxBetween(from: Place, to: Place, angle: number): Box {
  const [cos, sin] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const [width, height] = [Math.abs(dx * cos + dy * sin), Math.abs(-dx * sin + dy * cos)];
  const centre = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2] as const;
  return { x: centre[0] - width / 2, y: centre[1] - height / 2, width, height, angle };
}

export function rectangleOf(box: Box): PolygonGeometry {
  const [w, h] = [box.width / 2, box.height / 2];
  const corners: Place[] = [
    [-w, -h],
    [w, -h],
    [w, h],
    [-w, h],
    [-w, -h],
  ];
  return { type: "Polygon", coordinates: [corners.map((corner) => fromBox(box, corner))] };
}

export function ellipseOf(box: Box): PolygonGeometry {
  // A chord over the angle t runs r (1 - cos(t / 2)) inside of the arc.
  const count = Math.ceil(Math.PI / Math.acos(1 - ELLIPSE_SAG) / 4) * 4;
  const ring: Place[] = [];
  for (let i = 0; i < count; i++) {
    const t = (2 * Math.PI * i) / count;
    ring.push(fromBox(box, [(box.width / 2) * Math.cos(t), (box.height / 2) * Math.sin(t)]));
  }
  return { type: "Polygon", coordinates: [[...ring, ring[0] as Place]] };
}

export const outlineOf = (kind: "rectangle" | "ellipse", box: Box): PolygonGeometry => (kind === "rectangle" ? rectangleOf(box) : ellipseOf(box));
