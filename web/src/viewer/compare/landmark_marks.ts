/** Landmarks over a slide: numbered crosses that keep their size and can be dragged. The list beside the slide does the same by keys. */
import { apply, invert } from "../annotate/matrix";
import type { Place } from "../annotate/mark";
import type { SlideView } from "../slide_view";

const SVG = "http://www.w3.org/2000/svg";
const CROSS = "M-9 0H-3M3 0H9M0 -9V-3M0 3V9";
const GRIP_PX = 16;

interface Drag {
  index: number;
  /** Where it is dragged to, in um. */
  place: Place;
  /** From the landmark to where it was gripped, in um. */
  grabbed: Place;
  isMoved: boolean;
}

export class LandmarkMarks {
  private readonly surface = document.createElementNS(SVG, "svg");
  private places: readonly (Place | null)[] = [];
  private drag: Drag | null = null;
  private readonly stop: () => void;

  constructor(
    holder: HTMLElement,
    private readonly view: SlideView,
    /** Told once a person let a landmark go somewhere else. */
    private readonly onMoved: (index: number, place: Place) => void,
  ) {
    this.surface.classList.add("landmark-marks");
    this.surface.setAttribute("aria-hidden", "true");
    holder.append(this.surface);
    this.stop = view.on("move", () => { this.lay(); });
  }

  /** Places in um by number; null for one that this slide lacks. */
  show(places: readonly (Place | null)[]): void {
    this.places = places;
    this.drag = null;
    this.surface.replaceChildren(...places.map((place, index) => this.markOf(index, place !== null)));
    this.lay();
  }

  destroy(): void {
    this.stop();
    this.surface.remove();
  }

  private lay(): void {
    const matrix = this.view.matrix();
    this.places.forEach((kept, index) => {
      const place = this.drag?.index === index ? this.drag.place : kept;
      if (!place) return;
      const pixels = this.view.toPixels(place[0], place[1]);
      const [x, y] = apply(matrix, [pixels.x, pixels.y]);
      this.surface.children[index]?.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
    });
  }

  private markOf(index: number, isHere: boolean): SVGGElement {
    const mark = document.createElementNS(SVG, "g");
    if (!isHere) return mark;
    for (const look of ["halo", "line"]) {
      const cross = document.createElementNS(SVG, "path");
      cross.setAttribute("d", CROSS);
      cross.setAttribute("class", look);
      mark.append(cross);
    }
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("x", "7");
    text.setAttribute("y", "-7");
    text.textContent = String(index + 1);
    const grip = document.createElementNS(SVG, "circle");
    grip.setAttribute("r", String(GRIP_PX));
    grip.setAttribute("class", "grip");
    this.letDrag(grip, index);
    mark.append(text, grip);
    return mark;
  }

  private letDrag(grip: SVGElement, index: number): void {
    grip.addEventListener("pointerdown", (event) => {
      const place = this.places[index];
      if (!place || event.button !== 0) return;
      event.stopPropagation();
      grip.setPointerCapture(event.pointerId);
      const [x, y] = this.placeUnder(event);
      this.drag = { index, place, grabbed: [x - place[0], y - place[1]], isMoved: false };
    });
    grip.addEventListener("pointermove", (event) => {
      if (this.drag?.index !== index) return;
      const [x, y] = this.placeUnder(event);
      const { grabbed } = this.drag;
      this.drag = { ...this.drag, place: [x - grabbed[0], y - grabbed[1]], isMoved: true };
      this.lay();
    });
    grip.addEventListener("pointerup", () => {
      const { drag } = this;
      this.drag = null;
      if (drag?.isMoved) this.onMoved(index, drag.place);
    });
    grip.addEventListener("lostpointercapture", () => {
      this.drag = null;
      this.lay();
    });
  }

  private placeUnder(event: PointerEvent): Place {
    const box = this.surface.getBoundingClientRect();
    const [x, y] = apply(invert(this.view.matrix()), [event.clientX - box.left, event.clientY - box.top]);
    const { spacing } = this.view;
    return [x * spacing.x, y * spacing.y];
  }
}
