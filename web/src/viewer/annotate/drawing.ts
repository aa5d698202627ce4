/** Marks in the making: what each tool makes of presses, moves and keys. Knows neither screen nor server. */
import { boxBetween, outlineOf } from "./boxes";
import { boundsOfPlaces, distance } from "./geometry";
import type { Box, Geometry, MarkKind, Place } from "./mark";

export const TOOLS = ["move", "rectangle", "ellipse", "polygon", "polyline", "line", "arrow", "ruler", "point", "points", "brush", "wand"] as const;
export type Tool = (typeof TOOLS)[number];

export interface Made {
  kind: MarkKind;
  geometry: Geometry;
  shape: Box | null;
}

/** What the screen is like while one draws. Lengths are in pixels of the slide. */
export interface Field {
  /** Of one pixel of the screen. */
  pixel: number;
  /** Degrees by which a box stands upright on the screen. */
  upright: number;
}

/** Screen pixels below which two places are one, and a drag is a click. */
const SLIP = 4;
/** Screen pixels between the vertices of a line drawn freely. */
const FREE_STEP = 3;
/** Screen pixels around the first vertex of a polygon that close it. */
const CLOSING = 8;
const KEY_SLIP = 0.5;

/**
 * One mark in the making. `press`, `drag` and `release` come from a pointer, `place` from a key at the crosshair. Those that
 * may complete the mark return it.
 */
export interface Drawing {
  press: (at: Place, field: Field) => Made | null;
  drag: (at: Place, field: Field) => void;
  release: (at: Place, field: Field) => Made | null;
  hover: (at: Place, field: Field) => void;
  place: (at: Place, field: Field) => Made | null;
  /** Takes the last vertex back. Tells whether anything is left. */
  back: () => boolean;
  finish: () => Made | null;
  /** What is to be seen now, open or not. */
  preview: () => Made | null;
  readonly started: boolean;
  readonly vertices: readonly Place[];
}

class TwoPlaces implements Drawing {
  private from: Place | null = null;
  private to: Place | null = null;
  private angle = 0;
  private pressed = false;

  constructor(private readonly kind: "rectangle" | "ellipse" | "line" | "arrow" | "ruler") {}

  get started(): boolean {
    return this.from !== null;
  }

  get vertices(): readonly Place[] {
    return this.from ? [this.from] : [];
  }

  press(at: Place, field: Field): Made | null {
    if (this.from) return this.end(at, field);
    this.begin(at, field);
    this.pressed = true;
    return null;
  }

  drag(at: Place): void {
    this.to = at;
  }

  /** A drag makes the mark; a mere click begins it, and the next click ends it. */
  release(at: Place, field: Field): Made | null {
    if (!this.pressed) return null;
    this.pressed = false;
    if (!this.from || distance(this.from, at) < SLIP * field.pixel) return null;
    return this.end(at, field);
  }

  hover(at: Place): void {
    if (this.from) this.to = at;
  }

  place(at: Place, field: Field): Made | null {
    if (this.from) return distance(this.from, at) < KEY_SLIP * field.pixel ? null : this.end(at, field);
    this.begin(at, field);
    return null;
  }

  back(): boolean {
    this.from = this.to = null;
    return false;
  }

  finish(): Made | null {
    return this.made();
  }

  preview(): Made | null {
    return this.made();
  }

  private begin(at: Place, field: Field): void {
    this.from = this.to = at;
    this.angle = field.upright;
  }

  private end(at: Place, field: Field): Made | null {
    this.to = at;
    if (this.from && distance(this.from, at) < KEY_SLIP * field.pixel) return null;
    return this.made();
  }

  private made(): Made | null {
    const { from, to, kind } = this;
    if (!from || !to || distance(from, to) === 0) return null;
    if (kind !== "rectangle" && kind !== "ellipse") return { kind, geometry: { type: "LineString", coordinates: [from, to] }, shape: null };
    const box = boxBetween(from, to, this.angle);
    if (box.width === 0 || box.height === 0) return null;
    return { kind, geometry: outlineOf(kind, box), shape: box };
  }
}

class Line implements Drawing {
  private readonly line: Place[] = [];
  private pointer: Place | null = null;
  private pressedAt: Place | null = null;
  private isFree = false;

  constructor(private readonly kind: "polygon" | "polyline") {}

  get started(): boolean {
    return this.line.length > 0;
  }

  get vertices(): readonly Place[] {
    return this.line;
  }

  press(at: Place, field: Field): Made | null {
    const first = this.line[0];
    if (this.kind === "polygon" && first && this.line.length > 2 && distance(first, at) <= CLOSING * field.pixel) return this.finish();
    const last = this.line.at(-1);
    // The second press of a double click: the line is done.
    if (last && this.line.length > 1 && distance(last, at) < SLIP * field.pixel) return this.finish();
    this.line.push(at);
    this.pointer = null;
    this.pressedAt = at;
    return null;
  }

  drag(at: Place, field: Field): void {
    const last = this.line.at(-1);
    if (!this.pressedAt || !last) return;
    if (!this.isFree && distance(this.pressedAt, at) < SLIP * field.pixel) return;
    this.isFree = true;
    if (distance(last, at) >= FREE_STEP * field.pixel) this.line.push(at);
  }

  release(): Made | null {
    this.pressedAt = null;
    if (!this.isFree) return null;
    this.isFree = false;
    return this.finish();
  }

  hover(at: Place): void {
    if (this.line.length > 0) this.pointer = at;
  }

  place(at: Place, field: Field): Made | null {
    const last = this.line.at(-1);
    if (last && distance(last, at) < KEY_SLIP * field.pixel) return this.finish();
    this.line.push(at);
    return null;
  }

  back(): boolean {
    this.line.pop();
    return this.line.length > 0;
  }

  finish(): Made | null {
    this.pointer = null;
    return this.made(this.line);
  }

  preview(): Made | null {
    const vertices = this.pointer ? [...this.line, this.pointer] : this.line;
    return this.made(vertices) ?? (vertices.length > 1 ? { kind: "polyline", geometry: { type: "LineString", coordinates: [...vertices] }, shape: null } : null);
  }

  private made(vertices: readonly Place[]): Made | null {
    const { kind } = this;
    const fewest = kind === "polygon" ? 3 : 2;
    const first = vertices[0];
    if (vertices.length < fewest || !first) return null;
    if (kind === "polyline") return { kind, geometry: { type: "LineString", coordinates: [...vertices] }, shape: null };
    const { left, top, right, bottom } = boundsOfPlaces(vertices);
    if (left === right || top === bottom) return null;
    return { kind, geometry: { type: "Polygon", coordinates: [[...vertices, first]] }, shape: null };
  }
}

/** One point, there at once. */
class Dot implements Drawing {
  readonly started = false;
  readonly vertices: readonly Place[] = [];

  constructor(private readonly kind: "point" | "points") {}

  press(at: Place): Made {
    return this.place(at);
  }

  place(at: Place): Made {
    const geometry: Geometry = this.kind === "point" ? { type: "Point", coordinates: at } : { type: "MultiPoint", coordinates: [at] };
    return { kind: this.kind, geometry, shape: null };
  }

  drag(): void {
    // A point has no size.
  }

  hover(): void {
    // Nor a line to the pointer.
  }

  release(): null {
    return null;
  }

  back(): boolean {
    return false;
  }

  finish(): null {
    return null;
  }

  preview(): null {
    return null;
  }
}

/** A fresh mark in the making. Brush and wand work on regions and are not made here. */
export function startDrawing(tool: Exclude<Tool, "move" | "brush" | "wand">): Drawing {
  if (tool === "polygon" || tool === "polyline") return new Line(tool);
  return tool === "point" || tool === "points" ? new Dot(tool) : new TwoPlaces(tool);
}
