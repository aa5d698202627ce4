/** Dots over what of a slide is not scanned yet, while a scanner is still at it: neither glass nor the lines of a tile that failed. */
import { coarsestFirst, spacingOf } from "./pyramid";
import type { SlideView } from "./slide_view";
import { Veil } from "./veil";

/** A rectangle of the slide in um from its top left corner. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const GROUND = "rgb(110 112 114)";
const DOT = "rgb(185 187 189)";
const APART_PX = 14;
const DOT_PX = 1.5;

export class UnscannedVeil extends Veil {
  constructor(
    element: HTMLElement,
    view: SlideView,
    private scanned: readonly Area[],
  ) {
    super(element, view, "unscanned");
  }

  /** All that is scanned by now. */
  renew(scanned: readonly Area[]): void {
    this.scanned = scanned;
    this.soon();
  }

  protected override paint(context: CanvasRenderingContext2D): void {
    const full = coarsestFirst(this.view.opening.levels).at(-1);
    if (!full) return;
    const um = spacingOf(this.view.opening);
    const toScreen = context.getTransform();
    context.beginPath();
    context.rect(0, 0, full.width_px * um.x, full.height_px * um.y);
    // Dots stay as far apart on the screen, however close one looks.
    context.resetTransform();
    context.fillStyle = dotted(context);
    context.fill();
    context.setTransform(toScreen);
    for (const { x, y, width, height } of this.scanned) context.clearRect(x, y, width, height);
  }
}

function dotted(context: CanvasRenderingContext2D): CanvasPattern {
  const ratio = window.devicePixelRatio;
  const cell = document.createElement("canvas");
  cell.width = cell.height = Math.round(APART_PX * ratio);
  const drawn = cell.getContext("2d");
  if (!drawn) throw new Error("The browser gives no drawing surface.");
  drawn.fillStyle = GROUND;
  drawn.fillRect(0, 0, cell.width, cell.height);
  drawn.fillStyle = DOT;
  drawn.arc(cell.width / 2, cell.height / 2, DOT_PX * ratio, 0, 2 * Math.PI);
  drawn.fill();
  const pattern = context.createPattern(cell, "repeat");
  if (!pattern) throw new Error("The browser makes no pattern.");
  return pattern;
}
