/** Places of one finding over a slide: a thin dashed line with a hollow tick at its corner, nothing filled and nothing red. */
import { apply } from "./annotate/matrix";
import type { SlideView } from "./slide_view";

const SVG = "http://www.w3.org/2000/svg";
const TICK_PX = 9;
/** Looks that lie over each other, so that the line is seen on any tissue. */
const LOOKS = ["halo", "line"] as const;

/** A rectangle on the tissue. */
interface Box {
  x_um: number;
  y_um: number;
  width_um: number;
  height_um: number;
}

export class FindingMarks {
  private readonly surface = document.createElementNS(SVG, "svg");
  private boxes: readonly Box[] = [];
  private readonly stop: () => void;

  constructor(
    holder: HTMLElement,
    private readonly view: SlideView,
  ) {
    this.surface.classList.add("finding-marks");
    this.surface.setAttribute("aria-hidden", "true");
    holder.append(this.surface);
    this.stop = view.on("move", () => { this.lay(); });
  }

  show(boxes: readonly Box[]): void {
    this.boxes = boxes;
    this.surface.replaceChildren(...boxes.map(() => markOf()));
    this.lay();
  }

  destroy(): void {
    this.stop();
    this.surface.remove();
  }

  private lay(): void {
    const matrix = this.view.matrix();
    this.boxes.forEach(({ x_um: x, y_um: y, width_um: width, height_um: height }, index) => {
      const corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]].map(([across = 0, down = 0]) => {
        const pixels = this.view.toPixels(across, down);
        return apply(matrix, [pixels.x, pixels.y]).map((each) => each.toFixed(2));
      });
      const mark = this.surface.children[index];
      for (const outline of mark?.querySelectorAll("polygon") ?? []) outline.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
      for (const tick of mark?.querySelectorAll("rect") ?? []) tick.setAttribute("transform", `translate(${corners[0]?.join(" ") ?? ""})`);
    });
  }
}

function markOf(): SVGGElement {
  const mark = document.createElementNS(SVG, "g");
  for (const look of LOOKS) {
    const outline = document.createElementNS(SVG, "polygon");
    outline.setAttribute("class", look);
    const tick = document.createElementNS(SVG, "rect");
    tick.setAttribute("class", look);
    for (const side of ["width", "height"]) tick.setAttribute(side, String(TICK_PX));
    for (const axis of ["x", "y"]) tick.setAttribute(axis, String(-TICK_PX / 2));
    mark.append(outline, tick);
  }
  return mark;
}
