/** The marks of one slide on the screen: where they lie, which of them is under the pointer, and drawing them at most once a frame. */
import type { SlideView } from "../slide_view";
import { ActiveLayer, type Scene } from "./active_layer";
import type { MarkDocument } from "./document";
import type { Field } from "./drawing";
import { boundsOf, type Bounds } from "./geometry";
import { GridIndex } from "./grid_index";
import { markAt } from "./hit";
import type { Mark, Place } from "./mark";
import { MarkCanvas, type Shown } from "./mark_canvas";
import { apply, invert, scaleOf, uprightAngle } from "./matrix";
import { PLAIN, type MarkClass } from "./symbols";
import type { Toolbox } from "./toolbox";

const REACH_PX = 6;
const FINGER_REACH_PX = 16;

export interface MarkScreenOptions {
  view: SlideView;
  /** The element that holds the slide. */
  element: HTMLElement;
  document: MarkDocument;
  toolbox: Toolbox;
}

/** What is worked on, which is drawn apart from the many marks behind it. */
export interface Work {
  /** Before a frame is drawn. */
  onFrame: () => void;
  /** The mark that may be moving. */
  selectedId: () => string | null;
  scene: () => Scene;
}

export class MarkScreen {
  private readonly canvas: MarkCanvas;
  private readonly active: ActiveLayer;
  private readonly holder = document.createElement("div");
  private readonly index: GridIndex;
  private classes = new Map<string, MarkClass>();
  private shownPlane = 0;
  private frame = 0;
  private isStale = true;
  private readonly stops: (() => void)[];

  constructor(
    private readonly options: MarkScreenOptions,
    private readonly work: Work,
  ) {
    const { view, element } = options;
    this.index = new GridIndex(view.size.width, view.size.height);
    const current = () => ({ matrix: view.matrix(), ...view.fieldSize });
    this.canvas = new MarkCanvas((bounds) => this.behindIn(bounds), (mark) => this.classOf(mark), current);
    this.active = new ActiveLayer(current);
    this.holder.className = "marks";
    this.holder.append(this.canvas.element, this.active.element);
    element.append(this.holder);
    this.stops = [
      view.on("move", () => {
        this.canvas.follow();
        this.active.draw();
      }),
      view.on("rest", () => {
        this.canvas.drawSoon();
        this.active.draw();
      }),
    ];
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
    this.canvas.destroy();
    this.holder.remove();
  }

  // --- which marks ------------------------------------------------------------------------------------------------

  /** Takes marks of the document as they are now. */
  take(ids: Iterable<string>): void {
    for (const id of ids) {
      const mark = this.options.document.marks.get(id);
      if (mark) this.index.set(id, boundsOf(mark.geometry));
      else this.index.delete(id);
    }
  }

  get plane(): number {
    return this.shownPlane;
  }

  setPlane(plane: number): void {
    if (plane === this.shownPlane) return;
    this.shownPlane = plane;
    this.redraw();
  }

  setClasses(classes: readonly MarkClass[]): void {
    this.classes = new Map(classes.map((each) => [each.name, each]));
    this.redraw();
  }

  /** How a mark looks: as its class, or as in the file that it came from. */
  classOf({ class: name, colour }: Pick<Mark, "class" | "colour">): MarkClass {
    const known = name === null ? undefined : this.classes.get(name);
    if (known || !colour || !name) return known ?? PLAIN;
    const foreign = { name, colour, shape: PLAIN.shape };
    this.classes.set(name, foreign);
    return foreign;
  }

  isShown(mark: Mark): boolean {
    return this.options.toolbox.get().visible && (mark.plane === null || mark.plane === this.shownPlane);
  }

  boundsOf(id: string): Bounds | undefined {
    return this.index.boundsOf(id);
  }

  /** The mark under a place, within so many pixels of the slide. */
  under(at: Place, reach: number): Mark | null {
    const around = { left: at[0] - reach, top: at[1] - reach, right: at[0] + reach, bottom: at[1] + reach };
    const near = Array.from(this.shownIn(around), ({ mark }) => mark);
    return markAt(near, (id) => this.index.boundsOf(id), at, reach);
  }

  private *shownIn(bounds: Bounds): Generator<Shown> {
    for (const id of this.index.search(bounds)) {
      const mark = this.options.document.marks.get(id);
      const box = this.index.boundsOf(id);
      if (mark && box && this.isShown(mark)) yield { mark, bounds: box };
    }
  }

  /** What the canvas draws: all but the mark that may be moving. */
  private *behindIn(bounds: Bounds): Generator<Shown> {
    for (const shown of this.shownIn(bounds)) {
      if (shown.mark.id !== this.work.selectedId()) yield shown;
    }
  }

  // --- where ------------------------------------------------------------------------------------------------------

  field(): Field {
    const matrix = this.options.view.matrix();
    return { pixel: 1 / scaleOf(matrix), upright: uprightAngle(matrix) };
  }

  /** How far from a line it still counts as touched, in pixels of the slide; without an event as by a mouse. */
  reach(event: PointerEvent | null): number {
    return (event?.pointerType === "touch" ? FINGER_REACH_PX : REACH_PX) * this.field().pixel;
  }

  placeOf(event: MouseEvent): Place {
    const box = this.options.element.getBoundingClientRect();
    return apply(invert(this.options.view.matrix()), [event.clientX - box.left, event.clientY - box.top]);
  }

  /** The middle of the field that the view is heading for. */
  centre(): Place {
    const { width, height } = this.options.view.fieldSize;
    return apply(invert(this.options.view.matrix(false)), [width / 2, height / 2]);
  }

  // --- drawing ----------------------------------------------------------------------------------------------------

  /** Draws everything again in the next frame. */
  redraw(): void {
    this.isStale = true;
    this.redrawActive();
  }

  /** Draws again in the next frame what is being worked on, and not the many marks behind it. */
  redrawActive(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.work.onFrame();
      if (this.isStale) this.canvas.draw();
      this.isStale = false;
      this.active.show(this.work.scene());
    });
  }
}
