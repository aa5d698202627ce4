/** Draws many marks at once on a canvas that moves with the slide. */
import { boundsOfPlaces, pathsOf, unionOf, type Bounds } from "./geometry";
import type { Mark, Place } from "./mark";
import { apply, cssOf, invert, multiply, scaleOf, type Matrix } from "./matrix";
import { simpleLines } from "./simple_lines";
import { haloOf, symbolPath, type MarkClass } from "./symbols";
import { trimmings } from "./trimmings";

/** Share of the field that is drawn beyond each of its edges, so that a pan shows no gap at once. */
const MARGIN = 0.25;
const LINE_PX = 2;
const HALO_PX = 4.5;
/** With more marks than this in the field the halos would only hide the slide. */
const MOST_HALOS = 1500;
/** Marks smaller than this on the screen are dots. */
const DOT_PX = 3;
const POINT_PX = 5;
/** So many marks of a class, and marks of that size, have its sign beside their top left corner. */
const MOST_SIGNS = 300;
const SIGNED_PX = 24;
const SIGN_PX = 4;
/** Strokes of very long paths get slow out of proportion. */
const MARKS_A_STROKE = 200;
/** A drawing that takes longer than this is not repeated in every frame of a move. */
const QUICK_MS = 8;
const LEAST_PAUSE_MS = 100;

export interface Shown {
  mark: Mark;
  bounds: Bounds;
}

export class MarkCanvas {
  readonly element = document.createElement("canvas");
  private drawn: Matrix | null = null;
  private cost = 0;
  private drawnAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `shownIn` gives the marks of a rectangle of the slide, those that are drawn elsewhere left out. */
  constructor(
    private readonly shownIn: (bounds: Bounds) => Iterable<Shown>,
    private readonly classOf: (mark: Mark) => MarkClass,
    private readonly current: () => { matrix: Matrix; width: number; height: number },
  ) {
    this.element.className = "marks-canvas";
  }

  /** Keeps up with the slide: at once by moving the picture, and by drawing it anew as often as that is cheap. */
  follow(): void {
    const { matrix } = this.current();
    if (!this.drawn || this.cost < QUICK_MS || performance.now() - this.drawnAt > LEAST_PAUSE_MS + 4 * this.cost) {
      this.draw();
      return;
    }
    this.element.style.transform = cssOf(multiply(matrix, invert(this.drawn)));
    this.drawSoon();
  }

  drawSoon(): void {
    this.timer ??= setTimeout(() => {
      this.draw();
    }, LEAST_PAUSE_MS + this.cost);
  }

  draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const began = performance.now();
    const { matrix, width, height } = this.current();
    // Lines are drawn by the processor: without a graphics card a browser takes seconds for thousands of them otherwise,
    // and would not tell how long it took.
    const context = this.element.getContext("2d", { willReadFrequently: true });
    if (!context || width === 0 || height === 0) return;
    const [left, top] = [Math.round(width * MARGIN), Math.round(height * MARGIN)];
    this.fit(width + 2 * left, height + 2 * top, -left, -top);
    const ratio = this.element.width / (width + 2 * left);
    context.setTransform(ratio, 0, 0, ratio, left * ratio, top * ratio);
    context.clearRect(-left, -top, width + 2 * left, height + 2 * top);
    this.paint(context, matrix, fieldOf(matrix, -left, -top, width + left, height + top));
    // Its own origin lies at the field's corner: the transform maps the field as it was to the field as it is.
    this.drawn = matrix;
    this.element.style.transform = "none";
    this.drawnAt = performance.now();
    this.cost = this.drawnAt - began;
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.element.remove();
  }

  private fit(width: number, height: number, left: number, top: number): void {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.element.width === w && this.element.height === h) return;
    Object.assign(this.element, { width: w, height: h });
    const style = { width: `${width}px`, height: `${height}px`, left: `${left}px`, top: `${top}px`, transformOrigin: `${-left}px ${-top}px` };
    Object.assign(this.element.style, style);
  }

  private paint(context: CanvasRenderingContext2D, matrix: Matrix, field: Bounds): void {
    const shown = [...this.shownIn(field)];
    const byClass = new Map<MarkClass, Shown[]>();
    for (const one of shown) {
      const kind = this.classOf(one.mark);
      const others = byClass.get(kind);
      if (others) others.push(one);
      else byClass.set(kind, [one]);
    }
    context.lineJoin = "round";
    context.lineCap = "round";
    for (const [kind, marks] of byClass) {
      for (let i = 0; i < marks.length; i += MARKS_A_STROKE) {
        const path = new Path2D();
        const signs = shown.length <= MOST_SIGNS && kind.name !== "";
        for (const one of marks.slice(i, i + MARKS_A_STROKE)) this.trace(path, one, matrix, kind, signs);
        if (shown.length <= MOST_HALOS) {
          context.strokeStyle = haloOf(kind.colour);
          context.lineWidth = HALO_PX;
          context.stroke(path);
        }
        context.strokeStyle = kind.colour;
        context.lineWidth = LINE_PX;
        context.stroke(path);
      }
    }
  }

  private trace(path: Path2D, { mark, bounds }: Shown, matrix: Matrix, kind: MarkClass, signs: boolean): void {
    const scale = scaleOf(matrix);
    if (mark.geometry.type === "Point" || mark.geometry.type === "MultiPoint") {
      for (const { vertices } of pathsOf(mark.geometry)) {
        const [x, y] = apply(matrix, vertices[0] as Place);
        path.addPath(new Path2D(symbolPath(kind.shape, POINT_PX)), new DOMMatrix([1, 0, 0, 1, x, y]));
      }
      return;
    }
    const size = Math.max(bounds.right - bounds.left, bounds.bottom - bounds.top) * scale;
    if (size < DOT_PX) {
      const [x, y] = apply(matrix, [(bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2]);
      path.rect(x - 1, y - 1, 2, 2);
      return;
    }
    let around = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const { vertices, closed } of simpleLines(mark.geometry, scale)) {
      const seen = vertices.map((vertex) => apply(matrix, vertex));
      around = unionOf(around, boundsOfPlaces(seen));
      strokeLine(path, seen, closed);
      for (const extra of trimmings(mark.kind, seen)) strokeLine(path, extra, false);
    }
    if (!signs || size < SIGNED_PX) return;
    const corner = new DOMMatrix([1, 0, 0, 1, around.left - SIGN_PX, around.top - SIGN_PX]);
    path.addPath(new Path2D(symbolPath(kind.shape, SIGN_PX)), corner);
  }
}

function strokeLine(path: Path2D, line: readonly Place[], closed: boolean): void {
  line.forEach(([x, y], index) => {
    if (index === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  if (closed) path.closePath();
}

/** The rectangle of the slide around a rectangle of the screen. */
export function fieldOf(matrix: Matrix, left: number, top: number, right: number, bottom: number): Bounds {
  const back = invert(matrix);
  const corners = ([[left, top], [right, top], [right, bottom], [left, bottom]] as const).map((corner) => apply(back, corner));
  return {
    left: Math.min(...corners.map(([x]) => x)),
    top: Math.min(...corners.map(([, y]) => y)),
    right: Math.max(...corners.map(([x]) => x)),
    bottom: Math.max(...corners.map(([, y]) => y)),
  };
}
