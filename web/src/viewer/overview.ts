/** The small map of the whole slide with the field drawn on it. Click or drag moves the field. */
import type { SlideView } from "./slide_view";

export class OverviewMap {
  private readonly svg: SVGSVGElement;
  private readonly field: SVGPolygonElement;
  private readonly stop: () => void;

  /** `element` holds an image of the whole slide and takes the map on top of it. */
  constructor(
    private readonly element: HTMLElement,
    private readonly view: SlideView,
  ) {
    const space = "http://www.w3.org/2000/svg";
    this.svg = document.createElementNS(space, "svg");
    this.field = document.createElementNS(space, "polygon");
    this.svg.append(this.field);
    this.svg.setAttribute("aria-hidden", "true");
    const { width, height } = view.extent;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    element.append(this.svg);
    this.svg.addEventListener("pointerdown", this.onPointer);
    this.svg.addEventListener("pointermove", this.onPointer);
    this.stop = view.on("move", () => {
      this.draw();
    });
    this.draw();
  }

  destroy(): void {
    this.stop();
    this.svg.remove();
  }

  private draw(): void {
    this.field.setAttribute("points", this.view.fieldCorners().map(({ x, y }) => `${x},${y}`).join(" "));
  }

  private readonly onPointer = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    if (event.type === "pointerdown") this.svg.setPointerCapture(event.pointerId);
    const box = this.element.getBoundingClientRect();
    const { width, height } = this.view.extent;
    const pose = this.view.pose();
    this.view.setPose({
      ...pose,
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    });
  };
}
