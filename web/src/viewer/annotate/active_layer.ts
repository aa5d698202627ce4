/** The few marks that are being looked at or worked on, as SVG over the slide: exact, with handles, a label, a crosshair. */
import { fromBox } from "./boxes";
import { handlesOf, sameHandle, type Handle } from "./editing";
import { boundsOfPlaces, unionOf, type Bounds } from "./geometry";
import type { Geometry, MarkKind, Place } from "./mark";
import { apply, scaleOf, type Matrix } from "./matrix";
import { simpleLines } from "./simple_lines";
import { haloOf, symbolPath, type MarkClass } from "./symbols";
import { trimmings } from "./trimmings";

const SPACE = "http://www.w3.org/2000/svg";
const POINT_PX = 6;
const HANDLE_PX = 5;
const MIDDLE_PX = 3.5;
const SYMBOL_PX = 5;
/** More handles than this in the field hide what they belong to. */
const MOST_HANDLES = 240;
const LABEL_GAP_PX = 10;
const CROSS_PX = 14;

/** A mark to draw, whether the server has it or it is only being made. */
export interface ActiveMark {
  id: string;
  kind: MarkKind;
  geometry: Geometry;
  shape: Parameters<typeof handlesOf>[0]["shape"];
  class: MarkClass;
  look: "selected" | "hovered" | "draft";
  handles: boolean;
  label: string;
}

export interface Scene {
  marks: ActiveMark[];
  /** Vertices of what is being drawn. */
  vertices: readonly Place[];
  /** The handle that the keyboard holds. */
  held: Handle | null;
  crosshair: boolean;
  /** The brush's outline on the screen and its stroke so far. */
  brush: { at: Place | null; radius: number; stroke: readonly Place[]; erases: boolean } | null;
}

export const EMPTY_SCENE: Scene = { marks: [], vertices: [], held: null, crosshair: false, brush: null };

export class ActiveLayer {
  readonly element = document.createElement("div");
  private readonly svg = document.createElementNS(SPACE, "svg");
  private readonly labels = document.createElement("div");
  private scene = EMPTY_SCENE;

  constructor(private readonly current: () => { matrix: Matrix; width: number; height: number }) {
    this.element.className = "marks-active";
    this.svg.setAttribute("aria-hidden", "true");
    this.labels.setAttribute("aria-hidden", "true");
    this.element.append(this.svg, this.labels);
  }

  show(scene: Scene): void {
    this.scene = scene;
    this.draw();
  }

  /** Draws the scene where the slide is now. */
  draw(): void {
    const { matrix, width, height } = this.current();
    const nodes: SVGElement[] = [];
    const labels: HTMLElement[] = [];
    for (const mark of this.scene.marks) {
      const bounds = this.drawMark(mark, matrix, nodes);
      if (mark.label) labels.push(labelNode(mark));
      if (mark.label) this.labelBounds.push(bounds);
    }
    this.drawVertices(matrix, nodes);
    this.drawBrush(matrix, nodes);
    if (this.scene.crosshair) nodes.push(crosshair(width / 2, height / 2));
    this.svg.replaceChildren(...nodes);
    this.labels.replaceChildren(...labels);
    labels.forEach((label, index) => {
      placeLabel(label, this.labelBounds[index] as Bounds, width, height);
    });
    this.labelBounds.length = 0;
  }

  private readonly labelBounds: Bounds[] = [];

  /** Appends the mark's lines and handles; gives its rectangle on the screen. */
  private drawMark(mark: ActiveMark, matrix: Matrix, nodes: SVGElement[]): Bounds {
    const isDots = mark.geometry.type === "Point" || mark.geometry.type === "MultiPoint";
    const lines = simpleLines(mark.geometry, scaleOf(matrix)).map(({ vertices, closed }) => ({ seen: vertices.map((vertex) => apply(matrix, vertex)), closed }));
    const bounds = lines.map(({ seen }) => boundsOfPlaces(seen)).reduce(unionOf, { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity });
    const data = isDots
      ? lines.map(({ seen }) => shiftedSymbol(mark.class.shape, POINT_PX, seen[0] as Place)).join("")
      : lines.map(({ seen, closed }) => spell(seen, closed) + trimmings(mark.kind, seen).map((extra) => spell(extra, false)).join("")).join("");
    nodes.push(pathNode(data, "halo", haloOf(mark.class.colour)), pathNode(data, `line ${mark.look}`, mark.class.colour));
    if (mark.handles) this.drawHandles(mark, matrix, nodes);
    return bounds;
  }

  private drawHandles(mark: ActiveMark, matrix: Matrix, nodes: SVGElement[]): void {
    const { width, height } = this.current();
    const seen = handlesOf(mark, 1 / scaleOf(matrix))
      .map((handle) => ({ handle, at: apply(matrix, handle.at) }))
      .filter(({ at: [x, y] }) => x >= 0 && y >= 0 && x <= width && y <= height);
    const middles = seen.length <= MOST_HANDLES;
    if (seen.filter(({ handle }) => handle.kind !== "middle").length > MOST_HANDLES) return;
    for (const { handle, at } of seen) {
      if (handle.kind === "middle" && !middles) continue;
      if (handle.kind === "turn" && mark.shape) {
        const top = apply(matrix, fromBox(mark.shape, [0, -mark.shape.height / 2]));
        nodes.push(pathNode(spell([top, at], false), "stem"));
      }
      const held = this.scene.held;
      const isHeld = held !== null && sameHandle(held, handle);
      nodes.push(dot(at, handle.kind === "middle" ? MIDDLE_PX : isHeld ? HANDLE_PX + 2 : HANDLE_PX, `handle ${handle.kind}${isHeld ? " held" : ""}`));
    }
  }

  private drawVertices(matrix: Matrix, nodes: SVGElement[]): void {
    const { vertices } = this.scene;
    // A line drawn freely has too many to be of use.
    if (vertices.length > MOST_HANDLES) return;
    for (const vertex of vertices) nodes.push(dot(apply(matrix, vertex), HANDLE_PX - 1, "handle vertex"));
  }

  private drawBrush(matrix: Matrix, nodes: SVGElement[]): void {
    const { brush } = this.scene;
    if (!brush) return;
    const look = brush.erases ? "brush erases" : "brush";
    if (brush.stroke.length > 0) {
      const line = pathNode(spell(brush.stroke.map((place) => apply(matrix, place)), false), `${look} stroke`);
      line.style.strokeWidth = `${brush.radius * 2}px`;
      nodes.push(line);
    }
    if (brush.at) nodes.push(dot(apply(matrix, brush.at), brush.radius, look));
  }
}

const figure = (value: number) => value.toFixed(2);

function spell(line: readonly Place[], closed: boolean): string {
  const data = line.map(([x, y], index) => `${index === 0 ? "M" : "L"}${figure(x)} ${figure(y)}`).join("");
  // A stroke of one place is a dot only when it has a line to draw.
  if (line.length === 1) return `${data}l0.01 0`;
  return closed ? `${data}Z` : data;
}

const shiftedSymbol = (shape: string, radius: number, [x, y]: Place): string =>
  `M${figure(x)} ${figure(y)}m0 0` + symbolPath(shape, radius).replace(/([MLAHV])([^MLAHVZ]*)/g, (_, letter: string, rest: string) => shiftCommand(letter, rest, x, y));

function shiftCommand(letter: string, rest: string, x: number, y: number): string {
  const values = rest.trim().split(/[\s,]+/).map(Number);
  if (letter === "H") return `H${figure((values[0] ?? 0) + x)}`;
  if (letter === "V") return `V${figure((values[0] ?? 0) + y)}`;
  const [px, py] = [values.at(-2) ?? 0, values.at(-1) ?? 0];
  const kept = letter === "A" ? `${values.slice(0, -2).join(" ")} ` : "";
  return `${letter}${kept}${figure(px + x)} ${figure(py + y)}`;
}

function pathNode(data: string, look: string, colour?: string): SVGPathElement {
  const node = document.createElementNS(SPACE, "path");
  node.setAttribute("d", data);
  node.setAttribute("class", look);
  if (colour) node.style.stroke = colour;
  return node;
}

function dot([x, y]: Place, radius: number, look: string): SVGCircleElement {
  const node = document.createElementNS(SPACE, "circle");
  node.setAttribute("cx", figure(x));
  node.setAttribute("cy", figure(y));
  node.setAttribute("r", figure(radius));
  node.setAttribute("class", look);
  return node;
}

function crosshair(x: number, y: number): SVGPathElement {
  const gap = 3;
  const arms = [`M${x - CROSS_PX} ${y}H${x - gap}`, `M${x + gap} ${y}H${x + CROSS_PX}`, `M${x} ${y - CROSS_PX}V${y - gap}`, `M${x} ${y + gap}V${y + CROSS_PX}`];
  return pathNode(arms.join(""), "crosshair");
}

/** The sign of the class, then what is known of the mark, on one line. */
function labelNode(mark: ActiveMark): HTMLElement {
  const node = document.createElement("span");
  node.className = "mark-label";
  const sign = document.createElementNS(SPACE, "svg");
  sign.setAttribute("viewBox", "-7 -7 14 14");
  sign.append(pathNode(symbolPath(mark.class.shape, SYMBOL_PX), "", mark.class.colour));
  node.append(sign, mark.label);
  return node;
}

/** Above the mark, else below, else beside it; hidden where it would cover the mark. */
export function labelPlace(bounds: Bounds, size: { width: number; height: number }, field: { width: number; height: number }): Place | null {
  const middle = Math.min(Math.max((bounds.left + bounds.right - size.width) / 2, 4), field.width - size.width - 4);
  const level = Math.min(Math.max((bounds.top + bounds.bottom - size.height) / 2, 4), field.height - size.height - 4);
  const above = bounds.top - LABEL_GAP_PX - size.height;
  const below = bounds.bottom + LABEL_GAP_PX;
  const right = bounds.right + LABEL_GAP_PX;
  const left = bounds.left - LABEL_GAP_PX - size.width;
  const outside = bounds.right < 0 || bounds.bottom < 0 || bounds.left > field.width || bounds.top > field.height;
  if (outside) return null;
  if (above >= 4) return [middle, above];
  if (below + size.height <= field.height - 4) return [middle, below];
  if (right + size.width <= field.width - 4) return [right, level];
  return left >= 4 ? [left, level] : null;
}

function placeLabel(label: HTMLElement, bounds: Bounds, width: number, height: number): void {
  const place = labelPlace(bounds, { width: label.offsetWidth, height: label.offsetHeight }, { width, height });
  if (!place) label.hidden = true;
  else label.style.transform = `translate(${Math.round(place[0])}px, ${Math.round(place[1])}px)`;
}
