/** How a pane looks at its slide, as an affine map from um to its screen, and back. */
import { scaleOf, type Matrix } from "../annotate/matrix";
import type { Place } from "../annotate/mark";
import { normaliseDegrees, type Pose } from "../view_state";

export interface Look extends Pose {
  /** Mirrored left to right, as the screen shows it. */
  flip: boolean;
}

/** From um of the slide to CSS pixels around the middle of the pane. */
export function lensOf({ x, y, z, r, flip }: Look): Matrix {
  const angle = (r * Math.PI) / 180;
  const mirror = flip ? -1 : 1;
  const [cos, sin] = [Math.cos(angle) / z, Math.sin(angle) / z];
  const [a, b, c, d] = [mirror * cos, sin, mirror * -sin, cos];
  return { a, b, c, d, e: -(a * x + c * y), f: -(b * x + d * y) };
}

/** The look that comes nearest to a lens: a pane turns, mirrors and zooms, but cannot shear or stretch. */
export function lookThrough(lens: Matrix, [x, y]: Place): Look {
  const flip = lens.a * lens.d - lens.b * lens.c < 0;
  const mirror = flip ? -1 : 1;
  const turned = Math.atan2(lens.b - mirror * lens.c, mirror * lens.a + lens.d);
  return { x, y, z: 1 / scaleOf(lens), r: normaliseDegrees((turned * 180) / Math.PI), flip };
}
