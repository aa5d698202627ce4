/** A drawing surface over OpenSeadragon's own, for painters where tiles are not drawn with WebGL2. */
import OpenSeadragon from "openseadragon";
import { frameOf } from "../webgl_drawer";
import type { Painter } from "./frame";

export class CanvasOverlay {
  private readonly canvas = document.createElement("canvas");

  constructor(
    private readonly viewer: OpenSeadragon.Viewer,
    private readonly painter: Painter,
    where: "above" | "below" = "above",
  ) {
    this.canvas.className = "layer-overlay";
    Object.assign(this.canvas.style, { position: "absolute", inset: "0", width: "100%", height: "100%", pointerEvents: "none" });
    const lowest = where === "below" ? viewer.canvas.querySelector(".layer-overlay") : null;
    viewer.canvas.insertBefore(this.canvas, lowest);
    viewer.addHandler("update-viewport", () => {
      this.paint();
    });
  }

  private paint(): void {
    const size = this.viewer.viewport.getContainerSize();
    const [width, height] = [size.x, size.y].map((length) => Math.round(length * OpenSeadragon.pixelDensityRatio));
    if (!width || !height) return;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const frame = frameOf(this.viewer, width, height);
    const context = this.canvas.getContext("2d");
    if (frame && context) this.painter.paint2d(context, frame);
  }
}
