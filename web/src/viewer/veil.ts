/** What lies over a slide on a canvas of its own, and moves with it. */
import type { SlideView } from "./slide_view";

export abstract class Veil {
  private readonly canvas = document.createElement("canvas");
  private frame = 0;
  private readonly stops: (() => void)[];

  /** `element` holds the slide and takes the veil on top of it. */
  constructor(
    private readonly element: HTMLElement,
    protected readonly view: SlideView,
    className: string,
  ) {
    this.canvas.className = `veil-canvas ${className}`;
    this.canvas.setAttribute("aria-hidden", "true");
    element.append(this.canvas);
    this.stops = [view.on("move", () => { this.soon(); }), view.on("rest", () => { this.soon(); })];
    this.soon();
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
    this.canvas.remove();
  }

  /** Draws on an empty canvas, in um of the slide. */
  protected abstract paint(context: CanvasRenderingContext2D): void;

  protected soon(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const ratio = window.devicePixelRatio;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext("2d");
    const [a, b, , d] = this.view.fieldCorners();
    if (!context || !a || !b || !d) return;
    // By the corners of the field from um to the screen.
    const toSlide = new DOMMatrix([(b.x - a.x) / width, (b.y - a.y) / width, (d.x - a.x) / height, (d.y - a.y) / height, a.x, a.y]);
    context.setTransform(new DOMMatrix().scaleSelf(ratio).multiplySelf(toSlide.inverse()));
    this.paint(context);
  }
}
