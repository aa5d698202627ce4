/** Raw samples of the channels of one tile, as the file has them. */

/** Types of samples that the drawer mixes; others are mixed by the server. */
export type SampleType = "uint8" | "uint16" | "float32";

/** What a tile is asked for with, to get samples and no picture. */
export const SAMPLES_WANTED = { accept: "application/octet-stream" };

interface Size {
  width: number;
  height: number;
}

const ARRAYS = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array };

export const bytesPerSample = (type: SampleType) => ARRAYS[type].BYTES_PER_ELEMENT;

export function sampleTypeOf(named: string): SampleType | null {
  return named in ARRAYS ? (named as SampleType) : null;
}

export class SampleTile {
  readonly width: number;
  readonly height: number;
  /** Channel after channel, each in rows. */
  readonly samples: Uint8Array | Uint16Array | Float32Array;

  /**
   * `bytes` are the little-endian samples of each of `channels`, null where a tile is blank; on the wire a tile has the
   * size `stored`, of which `picture` is kept. Throws where their length is another.
   */
  constructor(
    readonly type: SampleType,
    readonly channels: readonly number[],
    bytes: readonly (ArrayBuffer | null)[],
    stored: Size,
    picture: Size,
  ) {
    const Samples = ARRAYS[type];
    this.width = picture.width;
    this.height = picture.height;
    const plane = picture.width * picture.height;
    this.samples = new Samples(plane * channels.length);
    for (const [layer, buffer] of bytes.entries()) {
      if (buffer === null) continue;
      // Every machine that runs a browser today is little-endian, as the wire is.
      const from = new Samples(buffer);
      if (from.length !== stored.width * stored.height) throw new Error("A tile has another size than was told.");
      for (let row = 0; row < picture.height; row++) {
        const start = row * stored.width;
        this.samples.set(from.subarray(start, start + picture.width), layer * plane + row * picture.width);
      }
    }
  }

  get size(): number {
    return this.samples.byteLength;
  }
}
