/** A change of one mark that is not done yet: a pointer drags it, or keys move it. Knows neither screen nor server. */
import { dragged, handlesOf, sameHandle, shifted, turned, withoutVertex, type Handle, type Outline } from "./editing";
import type { Mark, Place } from "./mark";
import { invert, type Matrix } from "./matrix";

/** What the keyboard holds of a mark: one of its `of` vertices, or with `vertex` 0 the whole; or how far its box is turned. */
export type Held = { what: "editing"; vertex: number; of: number; boxed: boolean } | { what: "turning"; degrees: number };

const NUDGE_PX = 1;
const BIG_NUDGE_PX = 10;
/** Degrees that an arrow turns a box by. */
const TURN = 1;
const BIG_TURN = 15;

export class Edit {
  readonly id: string;
  private readonly kind: Mark["kind"];
  private changed: Outline;
  private hold: Handle | null;

  /** `handle` is what is held, null for the whole mark; `from` where the pointer took hold, null for an edit with keys. */
  constructor(
    mark: Mark,
    handle: Handle | null,
    private readonly from: Place | null,
  ) {
    this.id = mark.id;
    this.kind = mark.kind;
    this.changed = mark;
    this.hold = handle;
  }

  get isByKeys(): boolean {
    return this.from === null;
  }

  /** What the mark would be. */
  get outline(): Outline {
    return this.changed;
  }

  get handle(): Handle | null {
    return this.hold;
  }

  /** Of the mark as it is now, that which the pointer has made of it at a place. */
  dragTo(mark: Mark, at: Place): void {
    if (!this.from) return;
    this.changed = this.hold ? dragged(mark, this.hold, at) : shifted(mark, at[0] - this.from[0], at[1] - this.from[1]);
  }

  /** An arrow of the keyboard: moves what is held along the screen, or turns the box. `matrix` leads from the slide to the screen. */
  nudge(dx: number, dy: number, isBig: boolean, matrix: Matrix, pixel: number): void {
    if (this.hold?.kind === "turn") {
      const clockwise = matrix.a * matrix.d - matrix.b * matrix.c < 0 ? -1 : 1;
      this.changed = turned(this.shape, (dx || dy) * clockwise * (isBig ? BIG_TURN : TURN));
      this.hold = handlesOf(this.shape, pixel).find(({ kind }) => kind === "turn") ?? null;
      return;
    }
    const px = isBig ? BIG_NUDGE_PX : NUDGE_PX;
    const back = invert(matrix);
    const [x, y] = [(back.a * dx + back.c * dy) * px, (back.b * dx + back.d * dy) * px];
    if (!this.hold) {
      this.changed = shifted(this.changed, x, y);
      return;
    }
    const to: Place = [this.hold.at[0] + x, this.hold.at[1] + y];
    this.changed = dragged(this.shape, this.hold, to);
    this.hold = { ...this.hold, at: to };
  }

  /** Through the whole mark and its vertices, round and round. */
  holdNext(step: 1 | -1, pixel: number): void {
    const stops = this.stops(pixel);
    const now = placeIn(stops, this.hold);
    const next = ((now + 1 + step + stops.length + 1) % (stops.length + 1)) - 1;
    this.hold = stops[next] ?? null;
  }

  /** A new vertex after the one that is held. Tells whether there is one. */
  insertHere(pixel: number): boolean {
    const held = this.hold;
    if (held?.kind !== "vertex") return false;
    const middle = handlesOf(this.shape, pixel).find((other) => other.kind === "middle" && other.path === held.path && other.index === held.index);
    if (middle?.kind !== "middle") return false;
    this.changed = dragged(this.shape, middle, middle.at);
    this.hold = { kind: "vertex", path: middle.path, index: middle.index + 1, at: middle.at };
    return true;
  }

  /** Takes the held vertex out and holds the first that is left. Tells whether it could be. */
  dropHeld(pixel: number): boolean {
    if (this.hold?.kind !== "vertex") return false;
    const left = withoutVertex(this.shape, this.hold.path, this.hold.index);
    if (!left) return false;
    this.changed = left;
    this.hold = null;
    this.holdNext(1, pixel);
    return true;
  }

  held(pixel: number): Held {
    if (this.hold?.kind === "turn") return { what: "turning", degrees: this.changed.shape?.angle ?? 0 };
    const stops = this.stops(pixel);
    return { what: "editing", vertex: placeIn(stops, this.hold) + 1, of: stops.length, boxed: stops.at(-1)?.kind === "turn" };
  }

  private get shape(): Outline & Pick<Mark, "kind"> {
    return { ...this.changed, kind: this.kind };
  }

  private stops(pixel: number): Handle[] {
    return handlesOf(this.shape, pixel).filter(({ kind }) => kind !== "middle");
  }
}

const placeIn = (stops: readonly Handle[], held: Handle | null) => (held ? stops.findIndex((stop) => sameHandle(stop, held)) : -1);
