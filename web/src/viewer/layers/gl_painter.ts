/** Draws layers with WebGL2, in the context of the tiles. Places are worked out from the centre of the view, so nothing trembles. */
import { GREY, rgbOf, SCALES, type ScaleName } from "./colours";
import { turnOf, type Frame } from "./frame";
import { NO_VALUE, type CellTile, type LayerOnSlide, type RasterTile } from "./layer";
import { DENSITY_SHARE, POINT_RADIUS, SIGN_RADIUS } from "./level";
import { rangeOf } from "./range";
import { SHAPES, sharesColours } from "./shapes";

const CELL_COLOUR = `
uniform sampler2D palette;      // row 0: colour of each class, alpha 0 where it is off; row 1: its shape
uniform sampler2D scale;
uniform vec2 range;
uniform bool byValue;
uniform vec3 grey;
vec4 colourOf(float kind, float value) {
  vec4 own = texelFetch(palette, ivec2(int(kind), 0), 0);
  if (own.a == 0.0) return vec4(0.0);
  if (!byValue) return own;
  if (value < -2e38) return vec4(grey, 0.55);
  if (value == 0.0) return vec4(grey, 1.0);
  float share = clamp((value - range.x) / max(range.y - range.x, 1e-30), 0.0, 1.0);
  return vec4(texture(scale, vec2((share * 255.0 + 0.5) / 256.0, 0.5)).rgb, 1.0);
}`;

const POINT_VERTEX = `#version 300 es
precision highp float;
in float x;                     // steps of the tile, 0 to 1
in float y;
in float kind;
in float value;
uniform vec3 place;             // left, top and side of the tile in device pixels from the centre
uniform vec4 turn;
uniform float size;
out vec4 colour;
flat out float shape;
${CELL_COLOUR}
void main() {
  vec2 p = place.xy + (vec2(x, y) * 65535.0 + 0.5) / 65536.0 * place.z;
  colour = colourOf(kind, value);
  shape = texelFetch(palette, ivec2(int(kind), 1), 0).r * 255.0;
  gl_Position = colour.a == 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(turn.xy * p.x + turn.zw * p.y, 0.0, 1.0);
  gl_PointSize = size;
}`;

const POINT_FRAGMENT = `#version 300 es
precision highp float;
in vec4 colour;
flat in float shape;
uniform float opacity;
out vec4 drawn;
float away(vec2 q) {            // 1 on the edge of the shape
  vec2 a = abs(q);
  if (shape < 0.5) return length(q);
  if (shape < 1.5) return max(a.x, a.y) * 1.15;
  if (shape < 2.5) return max(a.x * 1.1 - q.y * 0.6, q.y) * 1.1;
  if (shape < 3.5) return a.x + a.y;
  if (shape < 4.5) return min(a.x, a.y) < 0.34 ? max(a.x, a.y) : 2.0;
  return min(abs(q.x - q.y), abs(q.x + q.y)) < 0.48 ? max(a.x, a.y) * 1.15 : 2.0;
}
void main() {
  float edge = away(gl_PointCoord * 2.0 - 1.0);
  if (edge > 1.0) discard;
  drawn = vec4(colour.rgb, 1.0) * (colour.a * opacity);
}`;

const LINE_VERTEX = `#version 300 es
precision highp float;
in vec3 corner;                 // level-0 pixels from the corner of the tile, and how far along the outline
in float kind;
in float value;
uniform vec3 place;             // left and top in device pixels from the centre, device pixels in a level-0 pixel
uniform vec4 turn;
out vec4 colour;
out float along;
${CELL_COLOUR}
void main() {
  vec2 p = place.xy + corner.xy * place.z;
  colour = colourOf(kind, value);
  along = corner.z * place.z;
  gl_Position = colour.a == 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(turn.xy * p.x + turn.zw * p.y, 0.0, 1.0);
}`;

const LINE_FRAGMENT = `#version 300 es
precision highp float;
in vec4 colour;
in float along;
uniform float opacity;
uniform float dash;             // device pixels; 0 for a solid line
out vec4 drawn;
void main() {
  if (dash > 0.0 && mod(along, dash) > dash * 0.62) discard;
  drawn = vec4(colour.rgb, 1.0) * (colour.a * opacity);
}`;

const RASTER_VERTEX = `#version 300 es
in vec2 corner;
uniform vec4 edges;
uniform vec4 turn;
out vec2 at;
void main() {
  at = corner;
  vec2 p = mix(edges.xy, edges.zw, corner);
  gl_Position = vec4(turn.xy * p.x + turn.zw * p.y, 0.0, 1.0);
}`;

const RASTER_FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
uniform highp sampler2D values; // one texel a bin, never smoothed
uniform sampler2D scale;
uniform vec2 range;
uniform bool counts;            // zero is nothing
uniform float opacity;
uniform float hatch;            // device pixels from stripe to stripe
out vec4 drawn;
void main() {
  ivec2 size = textureSize(values, 0);
  float value = texelFetch(values, min(ivec2(at * vec2(size)), size - 1), 0).r;
  if (value < -2e38 || (counts && value == 0.0)) discard;
  if (value > 2e38) {
    float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, hatch);
    if (stripe > hatch * 0.3) discard;
    drawn = vec4(vec3(0.35), 1.0) * 0.85;
    return;
  }
  float share = clamp((value - range.x) / max(range.y - range.x, 1e-30), 0.0, 1.0);
  drawn = vec4(texture(scale, vec2((share * 255.0 + 0.5) / 256.0, 0.5)).rgb, 1.0) * opacity;
}`;

const DASH_PX = 8;
const HATCH_PX = 10;
const PALETTE_WIDTH = 64;

interface Program {
  handle: WebGLProgram;
  at: (name: string) => WebGLUniformLocation | null;
}

interface Tools {
  points: Program;
  lines: Program;
  rasters: Program;
  quad: WebGLVertexArrayObject;
  scales: Record<ScaleName, WebGLTexture>;
}

/** Buffers of one tile of cells. */
interface CellGpu {
  points: WebGLVertexArrayObject | null;
  lines: WebGLVertexArrayObject | null;
  lineVertices: number;
  buffers: WebGLBuffer[];
  /** The column that its values are of. */
  column: number | null;
}

interface RasterGpu {
  texture: WebGLTexture;
  revision: number;
}

export class GlPainter {
  private gl: WebGL2RenderingContext | null = null;
  private tools: Tools | null = null;
  private palettes = new Map<string, { texture: WebGLTexture; hidden: ReadonlySet<number> }>();

  /** Draws layers that are on, the first undermost. The program and the vertex array in use are others afterwards. */
  paint(gl: WebGL2RenderingContext, frame: Frame, layers: readonly LayerOnSlide[]): void {
    this.gl = gl;
    this.tools ??= toolsOf(gl);
    if (!this.tools) return;
    for (const layer of layers) {
      const shown = layer.shown(frame);
      if (shown === "density" || shown === "heatmap") this.paintRasters(gl, this.tools, frame, layer);
      else if (shown === "points") this.paintPoints(gl, this.tools, frame, layer, POINT_RADIUS);
      else {
        this.paintLines(gl, this.tools, frame, layer);
        if (sharesColours(layer.manifest.classes)) this.paintPoints(gl, this.tools, frame, layer, SIGN_RADIUS);
      }
    }
    gl.activeTexture(gl.TEXTURE0);
    gl.bindVertexArray(null);
  }

  private paintRasters(gl: WebGL2RenderingContext, tools: Tools, frame: Frame, layer: LayerOnSlide): void {
    const { at } = activate(gl, tools.rasters);
    const isCount = layer.manifest.kind !== "heatmap";
    const { scale, low, high } = rangeOf(layer, frame);
    gl.bindVertexArray(tools.quad);
    gl.uniform4fv(at("turn"), turnOf(frame));
    gl.uniform2f(at("range"), low, high);
    gl.uniform1i(at("counts"), isCount ? 1 : 0);
    gl.uniform1f(at("opacity"), layer.look.opacity * (isCount ? DENSITY_SHARE : 1));
    gl.uniform1f(at("hatch"), HATCH_PX * frame.ratio);
    bind(gl, 1, tools.scales[scale], at("scale"));
    for (const tile of layer.rasterTilesIn(frame)) {
      if (!tile.values) continue;
      bind(gl, 2, this.rasterTexture(gl, tile), at("values"));
      const left = (tile.left - frame.centre.x) * frame.scale;
      const top = (tile.top - frame.centre.y) * frame.scale;
      gl.uniform4f(at("edges"), left, top, left + tile.width * frame.scale, top + tile.width * frame.scale);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
  }

  private rasterTexture(gl: WebGL2RenderingContext, tile: RasterTile): WebGLTexture {
    let held = tile.gpu as RasterGpu | null;
    if (held?.revision === tile.revision) return held.texture;
    held ??= { texture: gl.createTexture(), revision: -1 };
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, held.texture);
    sharp(gl);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, tile.side, tile.side, 0, gl.RED, gl.FLOAT, tile.values);
    held.revision = tile.revision;
    tile.gpu = held;
    return held.texture;
  }

  private paintPoints(gl: WebGL2RenderingContext, tools: Tools, frame: Frame, layer: LayerOnSlide, radius: number): void {
    const { at } = activate(gl, tools.points);
    this.colours(gl, tools, at, frame, layer);
    gl.uniform1f(at("size"), 2 * radius * frame.ratio);
    const side = layer.manifest.tile_side_px * frame.scale;
    for (const tile of layer.cellTilesIn(frame)) {
      const held = this.cellBuffers(gl, tile, layer);
      if (!held?.points) continue;
      gl.bindVertexArray(held.points);
      gl.uniform3f(at("place"), (tile.left - frame.centre.x) * frame.scale, (tile.top - frame.centre.y) * frame.scale, side);
      gl.drawArrays(gl.POINTS, 0, tile.count);
    }
  }

  private paintLines(gl: WebGL2RenderingContext, tools: Tools, frame: Frame, layer: LayerOnSlide): void {
    const { at } = activate(gl, tools.lines);
    this.colours(gl, tools, at, frame, layer);
    gl.uniform1f(at("dash"), layer.manifest.origin === "model" ? DASH_PX * frame.ratio : 0);
    for (const tile of layer.cellTilesIn(frame)) {
      const held = this.cellBuffers(gl, tile, layer);
      if (!held?.lines) continue;
      gl.bindVertexArray(held.lines);
      gl.uniform3f(at("place"), (tile.left - frame.centre.x) * frame.scale, (tile.top - frame.centre.y) * frame.scale, frame.scale);
      gl.drawArrays(gl.LINES, 0, held.lineVertices);
    }
  }

  private colours(gl: WebGL2RenderingContext, tools: Tools, at: Program["at"], frame: Frame, layer: LayerOnSlide): void {
    const { scale, low, high } = rangeOf(layer, frame);
    gl.uniform4fv(at("turn"), turnOf(frame));
    gl.uniform1f(at("opacity"), layer.look.opacity);
    gl.uniform1i(at("byValue"), layer.look.column === null ? 0 : 1);
    gl.uniform2f(at("range"), low, high);
    gl.uniform3f(at("grey"), GREY[0] / 255, GREY[1] / 255, GREY[2] / 255);
    bind(gl, 1, tools.scales[scale], at("scale"));
    bind(gl, 2, this.palette(gl, layer), at("palette"));
  }

  private palette(gl: WebGL2RenderingContext, layer: LayerOnSlide): WebGLTexture {
    const { classes } = layer.manifest;
    const { hidden } = layer.look;
    const known = this.palettes.get(layer.id);
    if (known?.hidden === hidden) return known.texture;
    const texels = new Uint8Array(PALETTE_WIDTH * 2 * 4);
    classes.forEach((one, index) => {
      texels.set([...rgbOf(one.colour), hidden.has(index) ? 0 : 255], 4 * index);
      texels[4 * (PALETTE_WIDTH + index)] = SHAPES.indexOf(one.shape);
    });
    const texture = known?.texture ?? gl.createTexture();
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    sharp(gl);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, PALETTE_WIDTH, 2, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    this.palettes.set(layer.id, { texture, hidden });
    return texture;
  }

  private cellBuffers(gl: WebGL2RenderingContext, tile: CellTile, layer: LayerOnSlide): CellGpu | null {
    const { column } = layer.look;
    const there = column !== null && tile.columns.has(column) ? column : null;
    let held = tile.gpu as CellGpu | null;
    if (held && held.column !== there) {
      this.release(tile);
      held = null;
    }
    if (held) return held;
    if (!tile.points) return null;
    const values = there === null ? null : (tile.columns.get(there) ?? null);
    held = { points: null, lines: null, lineVertices: 0, buffers: [], column: there };
    makePoints(gl, held, tile, values, layer);
    if (tile.outlines) makeLines(gl, held, tile, values, layer);
    tile.gpu = held;
    return held;
  }

  /** Drops what the context holds of a tile. */
  release(tile: CellTile | RasterTile): void {
    const { gl } = this;
    if (!tile.gpu || !gl) return;
    if ("texture" in tile.gpu) {
      gl.deleteTexture((tile.gpu as RasterGpu).texture);
    } else {
      const held = tile.gpu as CellGpu;
      for (const buffer of held.buffers) gl.deleteBuffer(buffer);
      gl.deleteVertexArray(held.points);
      gl.deleteVertexArray(held.lines);
    }
    tile.gpu = null;
  }

  /** The context is gone with all that was made in it. */
  forget(layers: readonly LayerOnSlide[]): void {
    this.tools = null;
    this.palettes = new Map();
    for (const layer of layers) {
      for (const tile of [...layer.cells.values(), ...layer.rasters.values()]) tile.gpu = null;
    }
  }
}

function makePoints(gl: WebGL2RenderingContext, held: CellGpu, tile: CellTile, values: Float32Array<ArrayBuffer> | null, layer: LayerOnSlide): void {
  const { points } = tile;
  if (!points) return;
  held.points = gl.createVertexArray();
  gl.bindVertexArray(held.points);
  attribute(gl, held, LOCATIONS.x, points.x, 1, gl.UNSIGNED_SHORT, true);
  attribute(gl, held, LOCATIONS.y, points.y, 1, gl.UNSIGNED_SHORT, true);
  attribute(gl, held, LOCATIONS.kind, points.classes, 1, gl.UNSIGNED_BYTE, false);
  if (layer.look.column !== null) {
    const shown = new Float32Array(points.count);
    for (let cell = 0; cell < shown.length; cell++) shown[cell] = known(values?.[cell]);
    attribute(gl, held, LOCATIONS.value, shown, 1, gl.FLOAT, false);
  }
}

/** Two vertices for each side of each outline. */
function makeLines(gl: WebGL2RenderingContext, held: CellGpu, tile: CellTile, values: Float32Array<ArrayBuffer> | null, layer: LayerOnSlide): void {
  const { points, outlines } = tile;
  if (!points || !outlines) return;
  const sides = outlines.corners.length / 2;
  const corners = new Float32Array(sides * 2 * 3);
  const kinds = new Uint8Array(sides * 2);
  const byValue = layer.look.column !== null;
  const shown = new Float32Array(byValue ? sides * 2 : 0);
  const step = layer.manifest.tile_side_px / 65536;
  let vertex = 0;
  for (let cell = 0; cell < points.count; cell++) {
    const [first, end] = [outlines.starts[cell] ?? 0, outlines.starts[cell + 1] ?? 0];
    const [x, y] = [((points.x[cell] ?? 0) + 0.5) * step, ((points.y[cell] ?? 0) + 0.5) * step];
    let along = 0;
    for (let corner = first; corner < end; corner++) {
      const next = corner + 1 === end ? first : corner + 1;
      const [ax, ay] = [outlines.corners[2 * corner] ?? 0, outlines.corners[2 * corner + 1] ?? 0];
      const [bx, by] = [outlines.corners[2 * next] ?? 0, outlines.corners[2 * next + 1] ?? 0];
      const length = Math.hypot(bx - ax, by - ay);
      corners.set([x + ax, y + ay, along, x + bx, y + by, along + length], 3 * vertex);
      along += length;
      kinds.fill(points.classes[cell] ?? 0, vertex, vertex + 2);
      if (byValue) shown.fill(known(values?.[cell]), vertex, vertex + 2);
      vertex += 2;
    }
  }
  held.lines = gl.createVertexArray();
  held.lineVertices = vertex;
  gl.bindVertexArray(held.lines);
  attribute(gl, held, LOCATIONS.corner, corners, 3, gl.FLOAT, false);
  attribute(gl, held, LOCATIONS.kind, kinds, 1, gl.UNSIGNED_BYTE, false);
  if (byValue) attribute(gl, held, LOCATIONS.value, shown, 1, gl.FLOAT, false);
}

const known = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? NO_VALUE : value);

const LOCATIONS = { x: 0, y: 1, kind: 2, value: 3, corner: 0 } as const;

function attribute(gl: WebGL2RenderingContext, held: CellGpu, location: number, data: ArrayBufferView<ArrayBuffer>, size: number, type: number, normalised: boolean): void {
  const buffer = gl.createBuffer();
  held.buffers.push(buffer);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(location);
  gl.vertexAttribPointer(location, size, type, normalised, 0, 0);
}

function activate(gl: WebGL2RenderingContext, program: Program): Program {
  gl.useProgram(program.handle);
  return program;
}

function bind(gl: WebGL2RenderingContext, unit: number, texture: WebGLTexture, location: WebGLUniformLocation | null): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.uniform1i(location, unit);
}

/** Texels are read as they are. */
function sharp(gl: WebGL2RenderingContext): void {
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
}

function toolsOf(gl: WebGL2RenderingContext): Tools | null {
  const points = programOf(gl, POINT_VERTEX, POINT_FRAGMENT, ["x", "y", "kind", "value"]);
  const lines = programOf(gl, LINE_VERTEX, LINE_FRAGMENT, ["corner", "kind", "value"]);
  const rasters = programOf(gl, RASTER_VERTEX, RASTER_FRAGMENT, ["corner"]);
  if (!points || !lines || !rasters) return null;
  const quad = gl.createVertexArray();
  gl.bindVertexArray(quad);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(LOCATIONS.corner);
  gl.vertexAttribPointer(LOCATIONS.corner, 2, gl.FLOAT, false, 0, 0);
  return { points, lines, rasters, quad, scales: { viridis: scaleTexture(gl, "viridis"), cividis: scaleTexture(gl, "cividis") } };
}

function scaleTexture(gl: WebGL2RenderingContext, name: ScaleName): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE1);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  sharp(gl);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, SCALES[name].length / 4, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, SCALES[name]);
  return texture;
}

function programOf(gl: WebGL2RenderingContext, vertex: string, fragment: string, attributes: readonly (keyof typeof LOCATIONS)[]): Program | null {
  const handle = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(handle, shader);
  }
  for (const name of attributes) gl.bindAttribLocation(handle, LOCATIONS[name], name);
  gl.linkProgram(handle);
  if (!gl.getProgramParameter(handle, gl.LINK_STATUS)) return null;
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    handle,
    at: (name) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(handle, name));
      return places.get(name) ?? null;
    },
  };
}
