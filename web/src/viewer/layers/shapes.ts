/** Outlines of the shapes that tell classes apart, as SVG path data in a square of `SHAPE_BOX`. */
import type { LayerSummary } from "../../api/types";

export type LayerShape = LayerSummary["classes"][number]["shape"];

export const SHAPE_BOX = 14;

export const SHAPE_PATHS: Readonly<Record<LayerShape, string>> = {
  circle: "M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1Z",
  square: "M2 2h10v10H2Z",
  triangle: "M7 1.500L13 12.500H1Z",
  diamond: "M7 1l6 6-6 6-6-6Z",
  plus: "M5 1h4v4h4v4H9v4H5V9H1V5h4Z",
  cross: "M2.500 1L7 5.200 11.500 1 13 2.500 8.800 7 13 11.500 11.500 13 7 8.800 2.500 13 1 11.500 5.200 7 1 2.500Z",
};

/** In the order of the palette of the graphics context. */
export const SHAPES = Object.keys(SHAPE_PATHS) as LayerShape[];

/** Whether some classes have the same colour, so that an outline alone does not tell them apart. */
export const sharesColours = (classes: readonly { colour: string }[]): boolean => new Set(classes.map(({ colour }) => colour)).size < classes.length;
