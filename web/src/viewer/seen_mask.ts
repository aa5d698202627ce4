/** A veil over the tissue that was not seen yet, at the power of the field or a higher one. */
import type { Coverage } from "./coverage";
import { spacingOf } from "./pyramid";
import type { SlideView } from "./slide_view";

/** Blue is in no stain that pathology uses for cytoplasm; the hatching tells it from a stain that is. */
const VEIL = [31, 95, 153, 120] as const;
const HATCH = 3;

export class SeenMask {
  private readonly canvas = document.createElement("canvas");
  private picture: HTMLCanvasElement | null = null;
  private band = -2;
  private frame = 0;
  private readonly stops: (() => void)[];

  /** `element` holds the slide and takes the veil on top of it. */
  constructor(
    private readonly element: HTMLElement,
    private readonly view: SlideView,
    private readonly coverage: Coverage,
  ) {
    this.canvas.className = "seen-mask";
    this.canvas.setAttribute("aria-hidden", "true");
    element.append(this.canvas);
    this.stops = [view.on("move", () => { this.soon(); }), view.on("rest", () => { this.soon(); })];
    this.soon();
  }

  /** More was seen. */
  renew(): void {
    this.picture = null;
    this.soon();
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
    this.canvas.remove();
  }

  private soon(): void {
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
    const um = spacingOf(this.view.opening);
    // Below the lowest power nothing counts as seen there, but what was seen closer still shows.
    const band = Math.max(0, this.coverage.bandOf(this.view.pose(true).z / um.x));
    if (band !== this.band || !this.picture) this.picture = this.paint(band);
    this.band = band;
    const [a, b, , d] = this.view.fieldCorners();
    if (!context || !a || !b || !d) return;
    // From cells to um, then by the corners of the field from um to the screen.
    const cell = { x: (this.coverage.width * um.x) / this.picture.width, y: (this.coverage.height * um.y) / this.picture.height };
    const toSlide = new DOMMatrix([(b.x - a.x) / width, (b.y - a.y) / width, (d.x - a.x) / height, (d.y - a.y) / height, a.x, a.y]);
    const toScreen = new DOMMatrix().scaleSelf(ratio).multiplySelf(toSlide.inverse()).scaleSelf(cell.x, cell.y);
    context.setTransform(toScreen);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, 0, 0);
  }

  private paint(band: number): HTMLCanvasElement {
    const grid = this.coverage.grids[band];
    const known = this.coverage.tissue;
    const columns = Math.max(grid?.columns ?? 1, known?.columns ?? 1);
    const rows = Math.max(grid?.rows ?? 1, known?.rows ?? 1);
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [columns, rows];
    const pixels = new ImageData(columns, rows);
    for (let row = 0; row < rows; row++) {
      const y = (row + 0.5) / rows;
      for (let column = 0; column < columns; column++) {
        const x = (column + 0.5) / columns;
        const isTissue = known === null || known.cells[Math.floor(y * known.rows) * known.columns + Math.floor(x * known.columns)] === 1;
        if (!isTissue || this.coverage.isSeen(x * this.coverage.width, y * this.coverage.height, band)) continue;
        const strong = (row + column) % HATCH === 0;
        pixels.data.set([VEIL[0], VEIL[1], VEIL[2], strong ? VEIL[3] + 50 : VEIL[3] - 40], (row * columns + column) * 4);
      }
    }
    picture.getContext("2d")?.putImageData(pixels, 0, 0);
    return picture;
  }
}
