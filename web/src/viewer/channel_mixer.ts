/**
 * Mixes the channels of a tile in the shader: samples stay integers in a texture array, and colours, ranges and gamma
 * are uniforms, so that changing them draws a frame and asks the server for nothing.
 */
import type { ChannelSetting } from "./channels";
import { bytesPerSample, type SampleTile, type SampleType } from "./sample_tile";

/** So many channels are mixed in one pass; of more than that the colours could not be told apart. */
export const MOST_MIXED = 16;

export interface MixUniforms {
  count: number;
  /** Which layer of the texture each channel is. */
  layers: Int32Array;
  /** Red, green, blue of full signal, 0 to 1. */
  tints: Float32Array;
  /** Black point, range and gamma. */
  curves: Float32Array;
}

/** What the shader needs to show these settings on tiles that hold the samples of `channels`. */
export function mixUniforms(settings: readonly ChannelSetting[], channels: readonly number[]): MixUniforms {
  const shown = settings.filter(({ visible, number }) => visible && channels.includes(number)).slice(0, MOST_MIXED);
  const uniforms: MixUniforms = {
    count: shown.length,
    layers: new Int32Array(MOST_MIXED),
    tints: new Float32Array(MOST_MIXED * 3),
    curves: new Float32Array(MOST_MIXED * 3),
  };
  for (const [index, { number, colour, low, high, gamma }] of shown.entries()) {
    uniforms.layers[index] = channels.indexOf(number);
    const value = parseInt(colour, 16);
    uniforms.tints.set([(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255], index * 3);
    uniforms.curves.set([low, Math.max(high - low, 1e-9), gamma], index * 3);
  }
  return uniforms;
}

const isWhole = (type: SampleType) => type !== "float32";

/** The fragment shader for samples of a type. Samples are interpolated first and coloured then, as the server does. */
export function mixShader(type: SampleType): string {
  const sampler = isWhole(type) ? "usampler2DArray" : "sampler2DArray";
  return `#version 300 es
precision highp float;
precision highp int;
uniform highp ${sampler} samples;
uniform int count;
uniform int layers[${MOST_MIXED}];
uniform vec3 tints[${MOST_MIXED}];
uniform vec3 curves[${MOST_MIXED}];
uniform float opacity;
uniform bool shrunk;
uniform bool smoothed;
in vec2 at;
out vec4 colour;

float one(ivec2 p, int layer, ivec2 last) {
  return float(texelFetch(samples, ivec3(clamp(p, ivec2(0), last), layer), 0).r);
}

void main() {
  vec2 size = vec2(textureSize(samples, 0).xy);
  ivec2 last = ivec2(size) - 1;
  vec2 place = at * size;
  vec2 dx = dFdx(place) * 0.25;
  vec2 dy = dFdy(place) * 0.25;
  vec2 corner = floor(place - 0.5);
  vec2 part = place - 0.5 - corner;
  vec3 sum = vec3(0.0);
  for (int i = 0; i < count; i++) {
    int layer = layers[i];
    float value;
    if (shrunk) {
      value = 0.25 * (one(ivec2(place + dx + dy), layer, last) + one(ivec2(place + dx - dy), layer, last)
                    + one(ivec2(place - dx + dy), layer, last) + one(ivec2(place - dx - dy), layer, last));
    } else if (smoothed) {
      ivec2 p = ivec2(corner);
      value = mix(mix(one(p, layer, last), one(p + ivec2(1, 0), layer, last), part.x),
                  mix(one(p + ivec2(0, 1), layer, last), one(p + ivec2(1, 1), layer, last), part.x), part.y);
    } else {
      value = one(ivec2(place), layer, last);
    }
    float signal = clamp((value - curves[i].x) / curves[i].y, 0.0, 1.0);
    if (isnan(value)) signal = 0.0;
    if (curves[i].z != 1.0) signal = signal > 0.0 ? pow(signal, curves[i].z) : 0.0;
    sum += tints[i] * signal;
  }
  colour = vec4(min(sum, 1.0), 1.0) * opacity;
}`;
}

/** A texture with a layer for each channel of the tile. */
export function sampleTexture(gl: WebGL2RenderingContext, tile: SampleTile): WebGLTexture {
  const { type, width, height, channels, samples } = tile;
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
  // Integers cannot be filtered by the hardware; the shader does it.
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, bytesPerSample(type));
  const [stored, form, kind] = {
    uint8: [gl.R8UI, gl.RED_INTEGER, gl.UNSIGNED_BYTE],
    uint16: [gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT],
    float32: [gl.R32F, gl.RED, gl.FLOAT],
  }[type] as [number, number, number];
  gl.texImage3D(gl.TEXTURE_2D_ARRAY, 0, stored, width, height, channels.length, 0, form, kind, samples);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  return texture;
}
