/** Draws layers with the 2D context, where no graphics processor draws. The same parts in the same places. */
import { colourAt, GREY, rgbOf, type Rgb } from "./colours";
import { isSeen, type Frame } from "./frame";
import { HATCHED, NO_VALUE, type CellTile, type LayerOnSlide, type RasterTile } from "./layer";
import { DENSITY_SHARE, POINT_RADIUS, SIGN_RADIUS } from "./level";
import { rangeOf } from "./range";
import { SHAPE_BOX, SHAPE_PATHS, sharesColours } from "./shapes";

const DASH_PX = [5, 3];

export function paint2d(context: CanvasRenderingContext2D, frame: Frame, layers: readonly LayerOnSlide[]): void {
  const { width, height, scale, centre, rotation, flip } = frame;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.translate(width / 2, height / 2);
  if (flip) context.scale(-1, 1);
  context.rotate((rotation * Math.PI) / 180);
  context.scale(scale, scale);
  context.translate(-centre.x, -centre.y);
  context.imageSmoothingEnabled = false;
  for (const layer of layers) {
    const shown = layer.shown(frame);
    context.globalAlpha = layer.look.opacity * (shown === "density" ? DENSITY_SHARE : 1);
    if (shown === "density" || shown === "heatmap") paintRasters(context, frame, layer);
    else paintCells(context, frame, layer, shown === "outlines");
  }
  context.globalAlpha = 1;
}

function paintRasters(context: CanvasRenderingContext2D, frame: Frame, layer: LayerOnSlide): void {
  for (const tile of layer.rasterTilesIn(frame)) {
    if (!tile.values) continue;
    context.drawImage(pictureOf(tile, layer, frame), tile.left, tile.top, tile.width, tile.width);
  }
}

function pictureOf(tile: RasterTile, layer: LayerOnSlide, frame: Frame): OffscreenCanvas {
  const held = tile.gpu as { picture: OffscreenCanvas; revision: number } | null;
  if (held?.revision === tile.revision) return held.picture;
  const { scale, low, high } = rangeOf(layer, frame);
  const isCount = layer.manifest.kind !== "heatmap";
  const image = new ImageData(tile.side, tile.side);
  tile.values?.forEach((value, i) => {
    if (value === NO_VALUE || value < -2e38 || (isCount && value === 0)) return;
    const isHatched = value > HATCHED / 2;
    // One texel is one bin here, so stripes are bins of every other diagonal.
    if (isHatched && (i + Math.floor(i / tile.side)) % 2 === 0) return;
    const colour: Rgb = isHatched ? [90, 90, 90] : colourAt(scale, (value - low) / (high - low));
    image.data.set([...colour, 255], 4 * i);
  });
  const picture = new OffscreenCanvas(tile.side, tile.side);
  picture.getContext("2d")?.putImageData(image, 0, 0);
  tile.gpu = { picture, revision: tile.revision };
  return picture;
}

function paintCells(context: CanvasRenderingContext2D, frame: Frame, layer: LayerOnSlide, outlined: boolean): void {
  const side = layer.manifest.tile_side_px;
  const paint = colourer(layer, frame);
  const pixel = frame.ratio / frame.scale;
  context.lineWidth = pixel;
  context.setLineDash(layer.manifest.origin === "model" ? DASH_PX.map((length) => length * pixel) : []);
  const isSigned = !outlined || sharesColours(layer.manifest.classes);
  const signs = isSigned ? signsOf(layer, (outlined ? SIGN_RADIUS : POINT_RADIUS) * pixel) : [];
  for (const tile of layer.cellTilesIn(frame)) {
    const { points, outlines } = tile;
    if (!points) continue;
    for (let cell = 0; cell < points.count; cell++) {
      const x = tile.left + (((points.x[cell] ?? 0) + 0.5) / 65536) * side;
      const y = tile.top + (((points.y[cell] ?? 0) + 0.5) / 65536) * side;
      if (!isSeen(frame, x, y)) continue;
      const colour = paint(tile, cell);
      if (colour === null) continue;
      const sign = signs[points.classes[cell] ?? 0];
      if (sign) {
        context.fillStyle = colour;
        context.translate(x, y);
        context.fill(sign);
        context.translate(-x, -y);
      }
      if (outlined && outlines) {
        context.strokeStyle = colour;
        context.beginPath();
        for (let corner = outlines.starts[cell] ?? 0; corner < (outlines.starts[cell + 1] ?? 0); corner++) {
          context.lineTo(x + (outlines.corners[2 * corner] ?? 0), y + (outlines.corners[2 * corner + 1] ?? 0));
        }
        context.closePath();
        context.stroke();
      }
    }
  }
  context.setLineDash([]);
}

/** The shape of each class around 0, 0, in pixels of level 0. */
function signsOf(layer: LayerOnSlide, radius: number): Path2D[] {
  const scale = (2 * radius) / SHAPE_BOX;
  return layer.manifest.classes.map(({ shape }) => {
    const sign = new Path2D();
    sign.addPath(new Path2D(SHAPE_PATHS[shape]), new DOMMatrix([scale, 0, 0, scale, -radius, -radius]));
    return sign;
  });
}

/** The CSS colour of a cell; null when its class is off. */
function colourer(layer: LayerOnSlide, frame: Frame): (tile: CellTile, cell: number) => string | null {
  const { hidden, column } = layer.look;
  const { scale, low, high } = rangeOf(layer, frame);
  const css = ([r, g, b]: Rgb) => `rgb(${r} ${g} ${b})`;
  const own = layer.manifest.classes.map((one) => css(rgbOf(one.colour)));
  return (tile, cell) => {
    const index = tile.points?.classes[cell] ?? 0;
    if (hidden.has(index)) return null;
    if (column === null) return own[index] ?? null;
    const value = tile.columns.get(column)?.[cell] ?? Number.NaN;
    if (Number.isNaN(value) || value === 0) return css(GREY);
    return css(colourAt(scale, (value - low) / (high - low)));
  };
}
