/** A veil over the tissue that was not seen yet, at the power of the field or a higher one. */
import type { Coverage } from "./coverage";
import { spacingOf } from "./pyramid";
import type { SlideView } from "./slide_view";
import { Veil } from "./veil";

/** Blue is in no stain that pathology uses for cytoplasm; the hatching tells it from a stain that is. */
const VEIL = [31, 95, 153, 120] as const;
const HATCH = 3;

export class SeenMask extends Veil {
  private picture: HTMLCanvasElement | null = null;
  private band = -2;

  constructor(
    element: HTMLElement,
    view: SlideView,
    private readonly coverage: Coverage,
  ) {
    super(element, view, "seen-mask");
  }

  /** More was seen. */
  renew(): void {
    this.picture = null;
    this.soon();
  }

  protected override paint(context: CanvasRenderingContext2D): void {
    const um = spacingOf(this.view.opening);
    // Below the lowest power nothing counts as seen there, but what was seen closer still shows.
    const band = Math.max(0, this.coverage.bandOf(this.view.pose(true).z / um.x));
    if (band !== this.band || !this.picture) this.picture = this.drawn(band);
    this.band = band;
    context.scale((this.coverage.width * um.x) / this.picture.width, (this.coverage.height * um.y) / this.picture.height);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, 0, 0);
  }

  private drawn(band: number): HTMLCanvasElement {
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
