/** Draws tiles with WebGL2 in one pass; the base of every later layer of the slide. */
import OpenSeadragon from "openseadragon";
import { mixShader, mixUniforms, sampleTexture } from "./channel_mixer";
import { soloed } from "./channels";
import { turnOf, type Frame, type Painter } from "./layers/frame";
import { tileEdges } from "./pyramid";
import type { SampleTile, SampleType } from "./sample_tile";
import { PICTURE, SAMPLES, SlideTileSource } from "./tile_source";

const VERTEX = `#version 300 es
in vec2 corner;                 // 0 or 1
uniform vec4 edges;             // left, top, right, bottom in device pixels from the centre, before turning
uniform vec4 turn;              // 2 by 2 matrix from there to clip space
out vec2 at;
void main() {
  at = corner;
  vec2 p = mix(edges.xy, edges.zw, corner);
  gl_Position = vec4(turn.xy * p.x + turn.zw * p.y, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D tile;
uniform float opacity;
uniform bool shrunk;            // more than 1.4 texels in a pixel: average four, or fine texture would flicker
in vec2 at;
out vec4 colour;
void main() {
  if (shrunk) {
    vec2 dx = dFdx(at) * 0.25;
    vec2 dy = dFdy(at) * 0.25;
    colour = 0.25 * (texture(tile, at + dx + dy) + texture(tile, at + dx - dy)
                   + texture(tile, at - dx + dy) + texture(tile, at - dx - dy));
  } else {
    colour = texture(tile, at);
  }
  colour *= opacity;
}`;

const SHRUNK = 1.4;
const CONTEXT: WebGLContextAttributes = { alpha: true, antialias: false, depth: false, premultipliedAlpha: true };

interface Program {
  handle: WebGLProgram;
  edges: WebGLUniformLocation | null;
  turn: WebGLUniformLocation | null;
  opacity: WebGLUniformLocation | null;
  shrunk: WebGLUniformLocation | null;
}

/** A program that mixes channels. */
interface Mixer extends Program {
  smoothed: WebGLUniformLocation | null;
  count: WebGLUniformLocation | null;
  layers: WebGLUniformLocation | null;
  tints: WebGLUniformLocation | null;
  curves: WebGLUniformLocation | null;
}

interface TileTexture {
  texture: WebGLTexture;
  width: number;
  /** Of samples; null for a picture. */
  type: SampleType | null;
}

/** A channel drawn alone, on a canvas no larger than the drawer's. */
export interface ChannelCell {
  channel: number;
  canvas: HTMLCanvasElement;
}

/** What OpenSeadragon passes about a tile that is due. */
interface DueTile {
  level: number;
  x: number;
  y: number;
  opacity: number;
}

/**
 * A drawer for slides: positions are worked out in double precision relative to the centre of the view, so that tiles
 * stand still at any depth, and neighbouring tiles share their edges bit for bit, so that no seam opens.
 */
export class WebGLSlideDrawer extends OpenSeadragon.DrawerBase {
  private gl!: WebGL2RenderingContext;
  private program: Program | null = null;
  private readonly mixers = new Map<SampleType, Mixer>();
  private smooth = true;
  /** What is drawn over the tiles, in their context. */
  private readonly painters: Painter[] = [];
  /** Channels that are also drawn alone, around the same place at the same scale. */
  cells: readonly ChannelCell[] = [];
  private readonly onLost = (event: Event) => {
    event.preventDefault();
    this.program = null;
    this.mixers.clear();
    for (const painter of this.painters) painter.forgetGl();
  };
  private readonly onRestored = () => {
    this.program = createProgram(this.gl);
    this.setInternalCacheNeedsRefresh();
    this.viewer.forceRedraw();
  };

  /** The canvas of the last support check, whose context the next drawer takes over: contexts are few and dear. */
  private static spare: HTMLCanvasElement | null = null;

  static override isSupported(): boolean {
    const canvas = document.createElement("canvas");
    if (!canvas.getContext("webgl2", CONTEXT)) return false;
    WebGLSlideDrawer.spare = canvas;
    return true;
  }

  override get defaultOptions() {
    // Textures are made when first drawn: then a lost context needs nothing but another frame.
    return { usePrivateCache: true, preloadCache: false };
  }

  override getType(): string {
    return "hemalum-webgl2";
  }

  override getSupportedDataFormats(): string[] {
    return [PICTURE, SAMPLES];
  }

  override canRotate(): boolean {
    return true;
  }

  addPainter(painter: Painter, where: "above" | "below"): void {
    if (where === "above") this.painters.push(painter);
    else this.painters.unshift(painter);
  }

  override setImageSmoothingEnabled(enabled: boolean): void {
    this.smooth = enabled;
    this.setInternalCacheNeedsRefresh();
    this.viewer.forceRedraw();
  }

  /** Pixels of the last frame, straight from the screen; drawn anew because the buffer is not kept. */
  readPixels(x: number, y: number, width: number, height: number, withLayers = true): Uint8Array {
    const images: OpenSeadragon.TiledImage[] = [];
    for (let i = 0; i < this.viewer.world.getItemCount(); i++) images.push(this.viewer.world.getItemAt(i));
    this.draw(images, withLayers);
    if (!withLayers) this.viewer.forceRedraw();
    const pixels = new Uint8Array(width * height * 4);
    const gl = this.gl;
    gl.readPixels(x, this.canvasElement.height - y - height, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return pixels;
  }

  private get canvasElement(): HTMLCanvasElement {
    return this.canvas as HTMLCanvasElement;
  }

  // OpenSeadragon calls this from the base constructor, before any field of this class is set.
  _createDrawingElement(): HTMLCanvasElement {
    const canvas = WebGLSlideDrawer.spare ?? document.createElement("canvas");
    WebGLSlideDrawer.spare = null;
    const size = this.wantedSize();
    canvas.width = size.width;
    canvas.height = size.height;
    return canvas;
  }

  private wantedSize(): { width: number; height: number } {
    const { x, y } = this.viewport.getContainerSize();
    const ratio = OpenSeadragon.pixelDensityRatio;
    return { width: Math.round(x * ratio), height: Math.round(y * ratio) };
  }

  private start(): Program | null {
    if (this.program) return this.program;
    if (!this.gl) {
      const gl = this.canvasElement.getContext("webgl2", CONTEXT);
      if (!gl) return null;
      this.gl = gl;
      this.canvasElement.addEventListener("webglcontextlost", this.onLost);
      this.canvasElement.addEventListener("webglcontextrestored", this.onRestored);
    }
    if (this.gl.isContextLost()) return null;
    this.program = createProgram(this.gl);
    return this.program;
  }

  override internalCacheCreate(cache: OpenSeadragon.CacheRecord): TileTexture | null {
    const gl = this.gl;
    if (cache.type === SAMPLES) {
      const tile = cache.data as SampleTile;
      return { texture: sampleTexture(gl, tile), width: tile.width, type: tile.type };
    }
    const bitmap = cache.data as ImageBitmap;
    const texture = gl.createTexture();
    const filter = this.smooth ? gl.LINEAR : gl.NEAREST;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    return { texture, width: bitmap.width, type: null };
  }

  override internalCacheFree(data: TileTexture | null): void {
    if (data) this.gl.deleteTexture(data.texture);
  }

  draw(images: OpenSeadragon.TiledImage[], withLayers = true): void {
    const program = this.start();
    if (!program) return;
    const gl = this.gl;
    const canvas = this.canvasElement;
    const { width, height } = this.wantedSize();
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const frame = frameOf(this.viewer, width, height);
    gl.clearColor(0, 0, 0, 0);
    // Before the mix, which then stays in the buffer.
    if (frame && withLayers) for (const cell of this.cells) this.drawCell(cell, images, program, frame);
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!frame) return;
    for (const image of images) {
      if (image.getOpacity() > 0) this.drawImage(image, program, frame);
    }
    if (withLayers) for (const painter of this.painters) painter.paintGl(gl, frame);
    gl.useProgram(program.handle);
  }

  private drawCell({ channel, canvas }: ChannelCell, images: OpenSeadragon.TiledImage[], program: Program, whole: Frame): void {
    const width = Math.min(whole.width, Math.round(canvas.clientWidth * whole.ratio));
    const height = Math.min(whole.height, Math.round(canvas.clientHeight * whole.ratio));
    const context = canvas.getContext("2d");
    if (width === 0 || height === 0 || !context) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const gl = this.gl;
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    for (const image of images) this.drawImage(image, program, { ...whole, width, height }, channel);
    context.globalCompositeOperation = "copy";
    context.drawImage(this.canvasElement, 0, whole.height - height, width, height, 0, 0, width, height);
  }

  private mixerFor(type: SampleType): Mixer | null {
    const made = this.mixers.get(type) ?? createMixer(this.gl, type);
    if (made) this.mixers.set(type, made);
    return made;
  }

  /** `alone` is the one channel to draw; null for the mix. */
  private drawImage(image: OpenSeadragon.TiledImage, pictures: Program, frame: Frame, alone: number | null = null): void {
    const source = image.source;
    if (!(source instanceof SlideTileSource)) return;
    const gl = this.gl;
    const bounds = image.getBoundsNoRotate(true);
    const unit = bounds.width / source.dimensions.x;
    const centre = this.viewport.getCenter(true);
    const scale = frame.scale / unit;
    const turn = turnOf(frame);
    let using: Program | null = null;
    const due = image.getTilesToDraw() as unknown as { tile: DueTile & OpenSeadragon.Tile }[];
    const toX = (pixel: number) => (bounds.x + pixel * unit - centre.x) * scale;
    const toY = (pixel: number) => (bounds.y + pixel * unit - centre.y) * scale;
    for (const { tile } of due) {
      const data = this.getDataToDraw(tile) as TileTexture | undefined;
      if (!data) continue;
      const edges = tileEdges(source.levelAt(tile.level), tile.x, tile.y);
      const [left, right] = [toX(edges.left), toX(edges.right)];
      const program = data.type === null ? pictures : this.mixerFor(data.type);
      if (!program) continue;
      if (program !== using) {
        using = program;
        gl.useProgram(program.handle);
        gl.uniform4fv(program.turn, turn);
        if (data.type !== null) this.setMix(program as Mixer, source, alone);
      }
      gl.bindTexture(data.type === null ? gl.TEXTURE_2D : gl.TEXTURE_2D_ARRAY, data.texture);
      gl.uniform4f(program.edges, left, toY(edges.top), right, toY(edges.bottom));
      gl.uniform1f(program.opacity, tile.opacity * image.getOpacity());
      gl.uniform1i(program.shrunk, this.smooth && data.width > SHRUNK * (right - left) ? 1 : 0);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
  }

  private setMix(mixer: Mixer, source: SlideTileSource, alone: number | null): void {
    const gl = this.gl;
    const settings = alone === null ? source.mix : soloed(source.mix, alone);
    const { count, layers, tints, curves } = mixUniforms(settings, source.sampled ?? []);
    gl.uniform1i(mixer.count, count);
    gl.uniform1iv(mixer.layers, layers);
    gl.uniform3fv(mixer.tints, tints);
    gl.uniform3fv(mixer.curves, curves);
    gl.uniform1i(mixer.smoothed, this.smooth ? 1 : 0);
  }

  override destroy(): void {
    this.canvas.removeEventListener("webglcontextlost", this.onLost);
    this.canvas.removeEventListener("webglcontextrestored", this.onRestored);
    if (this.gl) {
      this.destroyInternalCache();
      this.gl.getExtension("WEBGL_lose_context")?.loseContext();
    }
    super.destroy();
    this.canvas.remove();
  }
}

/** How the slide lies on a surface of this many device pixels; null before there is one. */
export function frameOf(viewer: OpenSeadragon.Viewer, width: number, height: number): Frame | null {
  const { viewport, world } = viewer;
  const count = world.getItemCount();
  if (count === 0) return null;
  const image = world.getItemAt(count - 1);
  const bounds = image.getBoundsNoRotate(true);
  const unit = bounds.width / image.source.dimensions.x;
  const centre = viewport.getCenter(true);
  return {
    width,
    height,
    scale: width * viewport.getZoom(true) * unit,
    centre: { x: (centre.x - bounds.x) / unit, y: (centre.y - bounds.y) / unit },
    rotation: viewport.getRotation(true),
    flip: viewport.getFlip(),
    ratio: OpenSeadragon.pixelDensityRatio,
  };
}

/** The program of pictures; also lays out the corners that every program draws from. */
function createProgram(gl: WebGL2RenderingContext): Program | null {
  const program = linkProgram(gl, FRAGMENT);
  if (!program) return null;
  gl.useProgram(program.handle);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  return program;
}

function createMixer(gl: WebGL2RenderingContext, type: SampleType): Mixer | null {
  const program = linkProgram(gl, mixShader(type));
  if (!program) return null;
  const at = (name: string) => gl.getUniformLocation(program.handle, name);
  return { ...program, smoothed: at("smoothed"), count: at("count"), layers: at("layers"), tints: at("tints"), curves: at("curves") };
}

function linkProgram(gl: WebGL2RenderingContext, fragment: string): Program | null {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, "corner");
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  const at = (name: string) => gl.getUniformLocation(program, name);
  return { handle: program, edges: at("edges"), turn: at("turn"), opacity: at("opacity"), shrunk: at("shrunk") };
}
