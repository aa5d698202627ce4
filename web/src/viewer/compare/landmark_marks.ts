/** Landmarks over a slide: numbered crosses that keep their size. The list beside the slide says the same. */
import { apply } from "../annotate/matrix";
import type { Place } from "../annotate/mark";
import type { SlideView } from "../slide_view";

const SVG = "http://www.w3.org/2000/svg";
const CROSS = "M-9 0H-3M3 0H9M0 -9V-3M0 3V9";

export class LandmarkMarks {
  private readonly surface = document.createElementNS(SVG, "svg");
  private places: readonly (Place | null)[] = [];
  private readonly stop: () => void;

  constructor(
    holder: HTMLElement,
    private readonly view: SlideView,
  ) {
    this.surface.classList.add("landmark-marks");
    this.surface.setAttribute("aria-hidden", "true");
    holder.append(this.surface);
    this.stop = view.on("move", () => { this.lay(); });
  }

  /** Places in um by number; null for one that this slide lacks. */
  show(places: readonly (Place | null)[]): void {
    this.places = places;
    this.surface.replaceChildren(...places.map((place, index) => markOf(index + 1, place !== null)));
    this.lay();
  }

  destroy(): void {
    this.stop();
    this.surface.remove();
  }

  private lay(): void {
    const matrix = this.view.matrix();
    this.places.forEach((place, index) => {
      if (!place) return;
      const pixels = this.view.toPixels(place[0], place[1]);
      const [x, y] = apply(matrix, [pixels.x, pixels.y]);
      this.surface.children[index]?.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
    });
  }
}

function markOf(number: number, isHere: boolean): SVGGElement {
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
  text.textContent = String(number);
  mark.append(text);
  return mark;
}
