/** A person's mark on a slide. Coordinates are pixels of level 0: x right, y down, 0, 0 the corner of the first pixel. */
import type { Sentence } from "../../api/types";

export type Place = readonly [number, number];

export interface PolygonGeometry {
  type: "Polygon";
  /** The outline first, then holes; each closed by its first vertex. */
  coordinates: Place[][];
}
export interface MultiPolygonGeometry {
  type: "MultiPolygon";
  coordinates: Place[][][];
}
export interface LineGeometry {
  type: "LineString";
  coordinates: Place[];
}
export interface PointGeometry {
  type: "Point";
  coordinates: Place;
}
export interface MultiPointGeometry {
  type: "MultiPoint";
  coordinates: Place[];
}
export type AreaGeometry = PolygonGeometry | MultiPolygonGeometry;
export type Geometry = AreaGeometry | LineGeometry | PointGeometry | MultiPointGeometry;

export type MarkKind = "rectangle" | "ellipse" | "polygon" | "brush" | "line" | "polyline" | "arrow" | "point" | "points" | "ruler";

/** The box of a rectangle or an ellipse before it is turned around its centre, in degrees clockwise. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  angle: number;
}

/** A figure with half the width of its interval at k = 2. */
export interface Figure {
  value: number;
  uncertainty: number;
}

export interface Measured {
  area_um2: Figure | null;
  perimeter_um: Figure | null;
  length_um: Figure | null;
  why_not: Sentence | null;
}

export interface Author {
  id: string;
  name: string;
}

/** What a person says of a mark. */
export interface MarkContent {
  kind: MarkKind;
  geometry: Geometry;
  shape: Box | null;
  /** null for every plane. */
  plane: number | null;
  class: string | null;
  name: string;
  note: string;
  locked: boolean;
}

export interface Mark extends MarkContent {
  id: string;
  /** Of its class in the file that it was imported from. */
  colour: string | null;
  /** 0 while the server has not answered. */
  version: number;
  created_by: Author;
  created_at: string;
  changed_by: Author;
  changed_at: string;
  measured: Measured | null;
}

export type CommandLabel = "add" | "change" | "remove" | "class" | "import";

export type Addition = { id: string } & Omit<MarkContent, "locked">;

export type Change =
  | { op: "add"; annotation: Addition }
  | ({ op: "change"; id: string; version: number } & Partial<MarkContent>)
  | { op: "remove"; id: string; version: number };

export interface Command {
  id: string;
  label: CommandLabel;
  changes: Change[];
}

/** What the server answers: what changed after a point in its order. */
export interface Answer {
  sequence: number;
  /** null when this is everything. */
  since: number | null;
  annotations: Mark[];
  removed: string[];
  can_undo: boolean;
  can_redo: boolean;
  undo_label: string | null;
  redo_label: string | null;
}

export const targetOf = (change: Change): string => (change.op === "add" ? change.annotation.id : change.id);

export const isArea = (kind: MarkKind): boolean => kind === "rectangle" || kind === "ellipse" || kind === "polygon" || kind === "brush";

const ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A new id of 20 letters and digits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return Array.from(bytes, (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join("");
}
