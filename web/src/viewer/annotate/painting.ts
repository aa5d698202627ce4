/** Brush and wand at work: the region under the pointer, and the code that joins regions, which comes when it is first wanted. */
import type { SlideView } from "../slide_view";
import type { Tool } from "./drawing";
import type { Place } from "./mark";
import { apply, invert, type Matrix } from "./matrix";
import type * as Region from "./region";
import { Stroke, Sweep, type Sample } from "./region_tools";
import type { Toolbox } from "./toolbox";

const WAND_FIELD_PX = 192;

export const paints = (tool: Tool) => tool === "brush" || tool === "wand";

export class Painting {
  private stroke: Stroke | null = null;
  private sweep: Sweep | null = null;
  private regions: Promise<typeof Region> | null = null;
  /** Where it began. */
  from: Place = [0, 0];
  /** Whether it takes away, or would if it began now. */
  erases = false;

  constructor(
    private readonly view: SlideView,
    private readonly toolbox: Toolbox,
  ) {}

  get isOn(): boolean {
    return this.stroke !== null || this.sweep !== null;
  }

  /** Where the pointer was so far. */
  get line(): readonly Place[] {
    return this.stroke?.line ?? this.sweep?.seeds ?? [];
  }

  /** Of the brush, in pixels of the slide; null for the wand. */
  get radius(): number | null {
    return this.stroke?.radius ?? null;
  }

  load(): Promise<typeof Region> {
    this.regions ??= import("./region").catch((error: unknown) => {
      // Asked for anew where it did not come.
      this.regions = null;
      throw error;
    });
    return this.regions;
  }

  /** `pixel` is the pixels of the slide in one of the screen. */
  begin(at: Place, pixel: number, erases: boolean): void {
    const { tool, brush } = this.toolbox.get();
    this.from = at;
    this.erases = erases;
    if (tool === "brush") this.stroke = new Stroke(brush * pixel, pixel);
    else this.sweep = new Sweep(pixel);
    this.add(at);
  }

  add(at: Place): void {
    this.stroke?.add(at);
    this.sweep?.add(at, () => this.sample(at), this.toolbox.get().sensitivity);
  }

  drop(): void {
    this.stroke = this.sweep = null;
  }

  /** What was painted. */
  end(): Stroke | Sweep | null {
    const painted = this.stroke ?? this.sweep;
    this.drop();
    this.erases = false;
    return painted;
  }

  private sample(at: Place): Sample | null {
    const [x, y] = apply(this.view.matrix(), at);
    const taken = this.view.pictureAround(x, y, WAND_FIELD_PX);
    if (!taken) return null;
    const { picture, ratio, left, top } = taken;
    const back = invert(this.view.matrix());
    const toSlide: Matrix = {
      a: back.a / ratio,
      b: back.b / ratio,
      c: back.c / ratio,
      d: back.d / ratio,
      e: back.a * left + back.c * top + back.e,
      f: back.b * left + back.d * top + back.f,
    };
    return { picture, seed: [(x - left) * ratio, (y - top) * ratio], toSlide };
  }
}
