/** Brush and wand: regions that grow and shrink under the pointer. */
import { simplified } from "./geometry";
import type { AreaGeometry, Place } from "./mark";
import { apply, type Matrix } from "./matrix";
import type * as Region from "./region";
import { chosen, type Picture } from "./wand";

/** Screen pixels that the line of a stroke, and an outline that the wand found, are smoothed by. */
const STROKE_SLACK = 0.5;
const WAND_SLACK = 0.8;
/** Screen pixels between two places of a stroke, and of the wand. */
const STROKE_STEP = 2;
const WAND_STEP = 6;

type Regions = typeof Region;

/** One stroke of the brush. */
export class Stroke {
  readonly line: Place[] = [];

  /** `radius` and `pixel`, the size of a screen pixel, are in pixels of the slide. */
  constructor(
    readonly radius: number,
    private readonly pixel: number,
  ) {}

  add(at: Place): void {
    const last = this.line.at(-1);
    if (!last || Math.hypot(at[0] - last[0], at[1] - last[1]) >= STROKE_STEP * this.pixel) this.line.push(at);
  }

  region(regions: Regions): AreaGeometry | null {
    return regions.stroked(simplified(this.line, STROKE_SLACK * this.pixel), this.radius);
  }
}

/** A picture of the screen around a place, with the way from its pixels to those of the slide. */
export interface Sample {
  picture: Picture;
  seed: Place;
  toSlide: Matrix;
}

/** One sweep of the wand. */
export class Sweep {
  private rings: Place[][][] = [];
  /** Where it looked. */
  readonly seeds: Place[] = [];

  constructor(private readonly pixel: number) {}

  /** Looks at the picture only when the pointer has moved on. */
  add(at: Place, sample: () => Sample | null, sensitivity: number): void {
    const last = this.seeds.at(-1);
    if (last && Math.hypot(at[0] - last[0], at[1] - last[1]) < WAND_STEP * this.pixel) return;
    this.seeds.push(at);
    const taken = sample();
    if (!taken) return;
    const found = chosen(taken.picture, taken.seed, sensitivity).map((ring) => smoothed(ring, taken.toSlide, WAND_SLACK * this.pixel));
    this.rings.push(found.filter((ring) => ring.length > 2));
  }

  region(regions: Regions): AreaGeometry | null {
    let whole: AreaGeometry | null = null;
    for (const rings of this.rings) {
      const part = regions.filled(rings);
      whole = whole && part ? regions.united(whole, part) : (whole ?? part);
    }
    return whole;
  }
}

/** A ring on the slide, without the steps of the pixels that it runs along. */
function smoothed(ring: readonly Place[], toSlide: Matrix, slack: number): Place[] {
  const [first] = ring;
  if (!first) return [];
  // Midpoints of the steps run between the corners, where the true line most likely is.
  const middles = ring.map(([x, y], i): Place => {
    const [nx, ny] = ring[(i + 1) % ring.length] as Place;
    return [(x + nx) / 2, (y + ny) / 2];
  });
  const mapped = middles.map((place) => apply(toSlide, place));
  return simplified([...mapped, mapped[0] as Place], slack).slice(0, -1);
}
