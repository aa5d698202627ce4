/** What of a layer is drawn at which power. It depends on the power alone, so that nothing changes its look while one pans. */
import type { LayerManifest } from "../../api/types";

export type Shown = "density" | "points" | "outlines" | "heatmap";

/** Of a point on the screen, CSS pixels. */
export const POINT_RADIUS = 2.5;

/** Of the sign in an outline whose colour several classes have. */
export const SIGN_RADIUS = 2;

/** How much of its opacity a layer keeps as density, which covers everything. */
export const DENSITY_SHARE = 0.7;

/** Share of the screen that points may cover where cells lie densest: more would hide the slide. */
const CROWDED = 0.35;
/** CSS pixels that a cell must measure for its outline to say more than a point. */
const OUTLINE_FROM = 9;
/** Cells in a CSS pixel, where they lie densest, from which on outlines run into each other. */
const TANGLED = 0.006;
/** CSS pixels that a bin of a density must measure to be seen as a square. */
const BIN_FROM = 4;

type Facts = Pick<LayerManifest, "kind" | "peak_per_mpx" | "diameter_px">;

/** `perCss` is the level-0 pixels in one CSS pixel. */
export function shownAt(layer: Facts, perCss: number): Shown {
  if (layer.kind === "heatmap") return "heatmap";
  const cellsPerCss = (layer.peak_per_mpx / 1e6) * perCss * perCss;
  if (cellsPerCss * Math.PI * POINT_RADIUS ** 2 > CROWDED) return "density";
  const measures = layer.diameter_px / perCss;
  return layer.kind === "cells" && measures >= OUTLINE_FROM && cellsPerCss <= TANGLED ? "outlines" : "points";
}

/** The level of the pyramid to draw; values are shown bin by bin as soon as a bin fills a pixel. */
export function rasterAt(layer: Pick<LayerManifest, "kind" | "rasters">, perCss: number): LayerManifest["rasters"][number] | undefined {
  const least = layer.kind === "heatmap" ? 1 : BIN_FROM;
  return layer.rasters.find((one) => one.pitch_px / perCss >= least) ?? layer.rasters.at(-1);
}
