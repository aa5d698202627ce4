/** Draws tiles of one slide over another with WebGL2: each pixel asks the mapping where it lies in the tile. */
import type { Matrix } from "../annotate/matrix";
import type { Grid } from "./mapping";

const VERTEX = `#version 300 es
uniform vec4 box;               // left, top, right, bottom in device pixels from the middle
uniform vec2 half_size;
out vec2 device;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  device = mix(box.xy, box.zw, corner);
  gl_Position = vec4(device.x / half_size.x, -device.y / half_size.y, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D tile;
uniform sampler2D bend;         // displacements in um, one texel a node
uniform vec4 linear;            // device pixels to the tile, which is 0 to 1 across and down
uniform vec2 offset;
uniform vec4 clip;              // the part of the tile to draw
uniform bool bent;
uniform vec4 node_linear;       // device pixels to nodes of the grid
uniform vec2 node_offset;
uniform vec2 per_um;            // of the tile in a um
uniform float opacity;
uniform float edge;             // nothing is drawn left of here
in vec2 device;
out vec4 colour;

vec2 displacement(vec2 node) {
  ivec2 last = textureSize(bend, 0) - 1;
  vec2 held = clamp(node, vec2(0.0), vec2(last));
  ivec2 first = min(ivec2(held), last - 1);
  vec2 share = held - vec2(first);
  vec2 above = mix(texelFetch(bend, first, 0).xy, texelFetch(bend, first + ivec2(1, 0), 0).xy, share.x);
  vec2 below = mix(texelFetch(bend, first + ivec2(0, 1), 0).xy, texelFetch(bend, first + ivec2(1, 1), 0).xy, share.x);
  return mix(above, below, share.y);
}

void main() {
  vec2 at = mat2(linear.xy, linear.zw) * device + offset;
  if (bent) at += per_um * displacement(mat2(node_linear.xy, node_linear.zw) * device + node_offset);
  vec2 dx = dFdx(at);
  vec2 dy = dFdy(at);
  if (device.x < edge || any(lessThan(at, clip.xy)) || any(greaterThan(at, clip.zw))) discard;
  vec2 texels = vec2(textureSize(tile, 0));
  if (max(length(dx * texels), length(dy * texels)) > 1.4) {
    dx *= 0.25;
    dy *= 0.25;
    colour = 0.25 * (texture(tile, at + dx + dy) + texture(tile, at + dx - dy)
                   + texture(tile, at - dx + dy) + texture(tile, at - dx - dy));
  } else {
    colour = texture(tile, at);
  }
  colour *= opacity;
}`;

const UNIFORMS = ["box", "half_size", "tile", "bend", "linear", "offset", "clip", "bent", "node_linear", "node_offset", "per_um", "opacity", "edge"] as const;

export interface TileDrawn {
  texture: WebGLTexture;
  /** Left, top, right, bottom around all that it may cover, device pixels from the middle. */
  box: [number, number, number, number];
  /** Device pixels from the middle to the tile, 0 to 1 across and down, without displacements. */
  place: Matrix;
  clip: [number, number, number, number];
  /** Of the tile in a um, across and down. */
  perUm: [number, number];
}

export interface DrawnWith {
  width: number;
  height: number;
  opacity: number;
  /** Device pixels from the middle. */
  edge: number;
  /** Device pixels from the middle to um of the slide under it. */
  toUm: Matrix;
}

export class OverlayGl {
  private program: WebGLProgram | null = null;
  private readonly at = new Map<string, WebGLUniformLocation | null>();
  private vertices: WebGLVertexArrayObject | null = null;
  private grid: Grid | null = null;
  private bend: WebGLTexture | null = null;

  constructor(private readonly gl: WebGL2RenderingContext) {}

  /** The grid of the mapping; null where it is affine. */
  setGrid(grid: Grid | null): void {
    if (grid === this.grid) return;
    const { gl } = this;
    this.grid = grid;
    gl.deleteTexture(this.bend);
    this.bend = null;
    if (!grid) return;
    this.bend = plainTexture(gl, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG32F, grid.columns, grid.rows, 0, gl.RG, gl.FLOAT, grid.values);
  }

  textureOf(bitmap: ImageBitmap): WebGLTexture | null {
    const { gl } = this;
    const texture = plainTexture(gl, gl.LINEAR);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    return texture;
  }

  free(texture: WebGLTexture): void {
    this.gl.deleteTexture(texture);
  }

  draw(tiles: readonly TileDrawn[], { width, height, opacity, edge, toUm }: DrawnWith): void {
    const { gl, grid } = this;
    this.program ??= this.link();
    if (!this.program) return;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.vertices);
    gl.uniform2f(this.place("half_size"), width / 2, height / 2);
    gl.uniform1f(this.place("opacity"), opacity);
    gl.uniform1f(this.place("edge"), edge);
    gl.uniform1i(this.place("tile"), 0);
    gl.uniform1i(this.place("bend"), 1);
    gl.uniform1i(this.place("bent"), grid ? 1 : 0);
    // A sampler needs something to look at, even where the shader does not ask it.
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.bend);
    gl.activeTexture(gl.TEXTURE0);
    if (grid) {
      gl.uniform4f(this.place("node_linear"), toUm.a / grid.dx, toUm.b / grid.dy, toUm.c / grid.dx, toUm.d / grid.dy);
      gl.uniform2f(this.place("node_offset"), (toUm.e - grid.x) / grid.dx, (toUm.f - grid.y) / grid.dy);
    }
    for (const { texture, box, place, clip, perUm } of tiles) {
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform4f(this.place("box"), ...box);
      gl.uniform4f(this.place("linear"), place.a, place.b, place.c, place.d);
      gl.uniform2f(this.place("offset"), place.e, place.f);
      gl.uniform4f(this.place("clip"), ...clip);
      gl.uniform2f(this.place("per_um"), ...perUm);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
    gl.bindVertexArray(null);
  }

  private place(name: (typeof UNIFORMS)[number]): WebGLUniformLocation | null {
    return this.at.get(name) ?? null;
  }

  private link(): WebGLProgram | null {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
      const shader = gl.createShader(kind);
      if (!shader) return null;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
    for (const name of UNIFORMS) this.at.set(name, gl.getUniformLocation(program, name));
    this.vertices = gl.createVertexArray();
    return program;
  }
}

function plainTexture(gl: WebGL2RenderingContext, filter: number): WebGLTexture | null {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
  return texture;
}
