/** One slide drawn over another through a mapping between them: see-through, up to a line, or not at all. */
import { apply, invert, multiply, scaleOf, type Matrix } from "../annotate/matrix";
import type { Place } from "../annotate/mark";
import type { Frame, Painter } from "../layers/frame";
import { spacingOf, type Edges } from "../pyramid";
import type { SlideView } from "../slide_view";
import { asGrid, type Grid, type Mapping } from "./mapping";
import { OverlayGl, type TileDrawn } from "./overlay_gl";
import { OverlayTiles, type Due, type OverlaySlide } from "./overlay_tiles";

export interface OverlayContent extends OverlaySlide {
  /** From um of the slide under it to um of this one. */
  mapping: Mapping;
}

export interface OverlayStyle {
  opacity: number;
  /** Drawn only right of this share of the width. */
  from: number;
}

export interface OverlayState {
  pending: boolean;
  failed: number;
  /** Whether the screen could show more than is drawn. */
  reduced: boolean;
}

const SAMPLES = [0, 0.25, 0.5, 0.75, 1] as const;
/** Of the size of a tile, by which displacements may carry it past where its edge was sampled. */
const SLACK = 0.1;
const SLACK_PX = 2;
/** On a shared edge rounding must not leave a pixel to neither tile. */
const SHARED = 1e-5;

/** How a frame and both slides lie to each other. Places of the screen are device pixels from its middle. */
interface Geometry {
  toUm: Matrix;
  fromUm: Matrix;
  /** Screen to level-0 pixels of the slide on top, without displacements. */
  toTop: Matrix;
}

const overlays = new WeakMap<SlideView, SlideOverlay>();

/** The overlay of a view, made when first asked for. */
export function overlayOf(view: SlideView): SlideOverlay {
  const overlay = overlays.get(view) ?? new SlideOverlay(view);
  overlays.set(view, overlay);
  return overlay;
}

export class SlideOverlay implements Painter {
  private tiles: OverlayTiles | null = null;
  private slide: OverlaySlide | null = null;
  private mapping: Mapping | null = null;
  private plain: { affine: Matrix; grid: Grid | null } | null = null;
  private style: OverlayStyle = { opacity: 1, from: 0 };
  private gl: OverlayGl | null = null;
  private readonly textures = new Map<ImageBitmap, WebGLTexture>();
  private readonly scratch = document.createElement("canvas");
  private readonly listeners = new Set<(state: OverlayState) => void>();
  private told = "";

  constructor(private readonly view: SlideView) {
    view.addPainter(this, "below");
  }

  /** What lies over the slide from now on; null for nothing. */
  set(content: OverlayContent | null): void {
    const same = content && this.slide && content.opening === this.slide.opening && content.plane === this.slide.plane && content.channel === this.slide.channel;
    if (!same) {
      this.tiles?.destroy();
      this.slide = content;
      this.tiles = content && new OverlayTiles(content, () => { this.view.redraw(); }, (bitmap) => { this.freeTexture(bitmap); });
    }
    const mapping = content?.mapping ?? null;
    if (mapping !== this.mapping) this.plain = mapping && asGrid(mapping, this.view.extent);
    this.mapping = mapping;
    this.view.redraw();
  }

  setStyle(style: OverlayStyle): void {
    this.style = style;
    this.view.redraw();
  }

  retry(): void {
    this.tiles?.retry();
  }

  onState(listener: (state: OverlayState) => void): () => void {
    this.listeners.add(listener);
    this.told = "";
    this.view.redraw();
    return () => this.listeners.delete(listener);
  }

  paintGl(gl: WebGL2RenderingContext, frame: Frame): void {
    this.gl ??= new OverlayGl(gl);
    const painter = this.gl;
    const geometry = this.geometryOf(frame);
    if (!geometry || !this.plain) return;
    painter.setGrid(this.plain.grid);
    const spacing = this.topSpacing();
    const drawn = this.due(frame, geometry).flatMap(({ edges, picture }): TileDrawn[] => {
      const texture = this.textures.get(picture.bitmap) ?? this.upload(painter, picture.bitmap);
      if (!texture) return [];
      const { left, top, right, bottom } = picture.edges;
      const [across, down] = [right - left, bottom - top];
      const clip: TileDrawn["clip"] = [(edges.left - left) / across, (edges.top - top) / down, (edges.right - left) / across, (edges.bottom - top) / down];
      return [{
        texture,
        box: this.boxOf(edges, geometry, frame),
        place: multiply({ a: 1 / across, b: 0, c: 0, d: 1 / down, e: -left / across, f: -top / down }, geometry.toTop),
        clip: [clip[0] - SHARED, clip[1] - SHARED, clip[2] + SHARED, clip[3] + SHARED],
        perUm: [1 / (spacing.x * across), 1 / (spacing.y * down)],
      }];
    });
    const { width, height } = frame;
    painter.draw(drawn, { width, height, opacity: this.style.opacity, edge: (this.style.from - 0.5) * width, toUm: geometry.toUm });
  }

  /** Each tile by the affine map at its middle: what is bent is bent in small straight pieces. */
  paint2d(context: CanvasRenderingContext2D, frame: Frame): void {
    const { width, height } = frame;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const geometry = this.geometryOf(frame);
    const { mapping, scratch } = this;
    if (!geometry || !mapping || this.style.opacity === 0) return;
    if (scratch.width !== width || scratch.height !== height) Object.assign(scratch, { width, height });
    const surface = scratch.getContext("2d");
    if (!surface) return;
    surface.setTransform(1, 0, 0, 1, 0, 0);
    surface.clearRect(0, 0, width, height);
    const spacing = this.topSpacing();
    for (const { edges, picture } of this.due(frame, geometry)) {
      const middle: Place = [((edges.left + edges.right) / 2) * spacing.x, ((edges.top + edges.bottom) / 2) * spacing.y];
      const back = invert(mapping.near(mapping.unmap(middle)));
      const m = multiply(geometry.fromUm, multiply(back, { a: spacing.x, b: 0, c: 0, d: spacing.y, e: 0, f: 0 }));
      surface.setTransform(m.a, m.b, m.c, m.d, m.e + width / 2, m.f + height / 2);
      drawPart(surface, picture, edges, 0.5 / scaleOf(m));
    }
    const from = Math.round(this.style.from * width);
    context.globalAlpha = this.style.opacity;
    if (from < width) context.drawImage(scratch, from, 0, width - from, height, from, 0, width - from, height);
    context.globalAlpha = 1;
  }

  forgetGl(): void {
    this.gl = null;
    this.textures.clear();
    this.tiles?.retry();
  }

  /** The picture goes to the graphics card and is let go here. */
  private upload(painter: OverlayGl, bitmap: ImageBitmap): WebGLTexture | null {
    const texture = painter.textureOf(bitmap);
    if (texture) this.textures.set(bitmap, texture);
    bitmap.close();
    return texture;
  }

  private topSpacing(): { x: number; y: number } {
    return this.slide ? spacingOf(this.slide.opening) : { x: 1, y: 1 };
  }

  private geometryOf(frame: Frame): Geometry | null {
    if (!this.plain || !this.slide) return null;
    const angle = (frame.rotation * Math.PI) / 180;
    const mirror = frame.flip ? -1 : 1;
    const [cos, sin] = [Math.cos(angle) * frame.scale, Math.sin(angle) * frame.scale];
    const { x, y } = frame.centre;
    const [a, b, c, d] = [mirror * cos, sin, mirror * -sin, cos];
    const pixels = { a, b, c, d, e: -(a * x + c * y), f: -(b * x + d * y) };
    const under = this.view.spacing;
    const fromUm = multiply(pixels, { a: 1 / under.x, b: 0, c: 0, d: 1 / under.y, e: 0, f: 0 });
    const toUm = invert(fromUm);
    const top = this.topSpacing();
    const toTop = multiply({ a: 1 / top.x, b: 0, c: 0, d: 1 / top.y, e: 0, f: 0 }, multiply(this.plain.affine, toUm));
    return { toUm, fromUm, toTop };
  }

  private due(frame: Frame, geometry: Geometry): Due[] {
    const { mapping, tiles } = this;
    if (!mapping || !tiles) return [];
    const top = this.topSpacing();
    const places = SAMPLES.flatMap((u) =>
      SAMPLES.map((v): Place => {
        const [x, y] = mapping.map(apply(geometry.toUm, [(u - 0.5) * frame.width, (v - 0.5) * frame.height]));
        return [x / top.x, y / top.y];
      }),
    );
    const due = tiles.due(grown(around(places), SLACK / 2), scaleOf(geometry.toTop));
    this.tell({ pending: tiles.pending, failed: tiles.failed, reduced: tiles.reduced });
    return due;
  }

  /** Around all places of the screen where a part of the slide on top may come to lie. */
  private boxOf(edges: Edges, { fromUm }: Geometry, { width, height }: Frame): TileDrawn["box"] {
    const { mapping } = this;
    const top = this.topSpacing();
    const shares = mapping?.affine ? [0, 1] : SAMPLES;
    const places = shares.flatMap((u) =>
      shares.filter((v) => u === 0 || u === 1 || v === 0 || v === 1).map((v): Place => {
        const place: Place = [(edges.left + (edges.right - edges.left) * u) * top.x, (edges.top + (edges.bottom - edges.top) * v) * top.y];
        return apply(fromUm, mapping?.unmap(place) ?? place);
      }),
    );
    const box = grown(around(places), mapping?.affine ? 0 : SLACK);
    const hold = (value: number, half: number) => Math.min(Math.max(value, -half), half);
    return [hold(box.left - SLACK_PX, width / 2), hold(box.top - SLACK_PX, height / 2), hold(box.right + SLACK_PX, width / 2), hold(box.bottom + SLACK_PX, height / 2)];
  }

  private freeTexture(bitmap: ImageBitmap): void {
    const texture = this.textures.get(bitmap);
    if (texture) this.gl?.free(texture);
    this.textures.delete(bitmap);
  }

  private tell(state: OverlayState): void {
    const text = JSON.stringify(state);
    if (text === this.told) return;
    this.told = text;
    // Not in the middle of a frame.
    queueMicrotask(() => {
      for (const listener of this.listeners) listener(state);
    });
  }
}

function around(places: readonly Place[]): Edges {
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

function grown({ left, top, right, bottom }: Edges, share: number): Edges {
  const [x, y] = [(right - left) * share, (bottom - top) * share];
  return { left: left - x, top: top - y, right: right + x, bottom: bottom + y };
}

/** Draws a part of a picture, a little larger, so that neighbours leave no line between them. */
function drawPart(surface: CanvasRenderingContext2D, { bitmap, edges: whole }: Due["picture"], part: Edges, more: number): void {
  const [across, down] = [bitmap.width / (whole.right - whole.left), bitmap.height / (whole.bottom - whole.top)];
  const { left, top } = { left: Math.max(part.left, whole.left), top: Math.max(part.top, whole.top) };
  const [width, height] = [Math.min(part.right, whole.right) - left, Math.min(part.bottom, whole.bottom) - top];
  if (width <= 0 || height <= 0) return;
  surface.drawImage(bitmap, (left - whole.left) * across, (top - whole.top) * down, width * across, height * down, left - more, top - more, width + 2 * more, height + 2 * more);
}
