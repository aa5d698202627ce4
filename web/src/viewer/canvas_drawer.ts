/** OpenSeadragon's canvas drawer on pictures as they were decoded: it would make a canvas for each tile first. */
import OpenSeadragon from "openseadragon";
import { PICTURE } from "./tile_source";

export class CanvasSlideDrawer extends OpenSeadragon.CanvasDrawer {
  override getSupportedDataFormats(): string[] {
    return [PICTURE];
  }

  /** Of a drawing context the library uses its canvas only, and that as a picture. */
  override getDataToDraw(tile: OpenSeadragon.Tile): { canvas: ImageBitmap } | undefined {
    const bitmap = super.getDataToDraw(tile) as ImageBitmap | undefined;
    return bitmap && { canvas: bitmap };
  }
}
