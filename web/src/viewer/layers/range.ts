/** From which value to which the colours of a layer run, and over which scale: what its legend says. */
import type { ScaleName } from "./colours";
import type { Frame } from "./frame";
import type { LayerOnSlide } from "./layer";

export interface ColourRange {
  scale: ScaleName;
  low: number;
  high: number;
}

export function rangeOf(layer: LayerOnSlide, frame: Frame): ColourRange {
  const { manifest, look } = layer;
  const shown = layer.shown(frame);
  // The fullest bin of the whole slide: the same colour means the same number wherever one looks.
  if (shown === "density") return { scale: "cividis", low: 0, high: layer.raster(frame)?.most ?? 1 };
  const column = manifest.columns[shown === "heatmap" ? 0 : (look.column ?? -1)];
  const low = column?.minimum ?? 0;
  const high = column?.maximum ?? 1;
  const scale = shown === "heatmap" ? "cividis" : "viridis";
  // Shares of one are shown over the whole of it, so that two heatmaps can be compared.
  if (low >= 0 && high <= 1) return { scale, low: 0, high: 1 };
  return { scale, low: Math.min(0, low), high: high > low ? high : low + 1 };
}
