/** Parts of layers as the server sends them (docs/reference/layers.md): bytes to arrays, laid over each other where they can be. */

/** Cells of one tile. A coordinate of 65,536 steps spans the tile. */
export interface PointPart {
  count: number;
  rows: Uint32Array<ArrayBuffer>;
  x: Uint16Array<ArrayBuffer>;
  y: Uint16Array<ArrayBuffer>;
  classes: Uint8Array<ArrayBuffer>;
}

/** Closed rings, level-0 pixels from the place of their cell. */
export interface OutlinePart {
  /** First corner of each cell; one more entry ends the last. */
  starts: Uint32Array<ArrayBuffer>;
  /** x and y in turn. */
  corners: Float32Array<ArrayBuffer>;
}

export interface CountPart {
  side: number;
  /** By class, row after row. */
  planes: Map<number, Uint32Array<ArrayBuffer>>;
}

export interface ValuePart {
  side: number;
  values: Float32Array<ArrayBuffer>;
  /** `NONE`, `VALUE` or `ABSTAINED`. */
  states: Uint8Array<ArrayBuffer>;
}

export const STEPS = 65536;
export const NONE = 0;
export const VALUE = 1;
export const ABSTAINED = 2;

export class DamagedPart extends Error {
  constructor() {
    super("A part of a layer is not what it should be.");
  }
}

function check(sound: boolean): asserts sound {
  if (!sound) throw new DamagedPart();
}

function begin(bytes: ArrayBuffer, magic: string): DataView {
  check(bytes.byteLength >= 8);
  const view = new DataView(bytes);
  for (let i = 0; i < 4; i++) check(view.getUint8(i) === magic.charCodeAt(i));
  return view;
}

export function decodePoints(bytes: ArrayBuffer): PointPart {
  const count = begin(bytes, "HLP1").getUint32(4, true);
  check(bytes.byteLength === 8 + 9 * count);
  return {
    count,
    rows: new Uint32Array(bytes, 8, count),
    x: new Uint16Array(bytes, 8 + 4 * count, count),
    y: new Uint16Array(bytes, 8 + 6 * count, count),
    classes: new Uint8Array(bytes, 8 + 8 * count, count),
  };
}

export function decodeColumn(bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  const count = begin(bytes, "HLV1").getUint32(4, true);
  check(bytes.byteLength === 8 + 4 * count);
  return new Float32Array(bytes, 8, count);
}

export function decodeOutlines(bytes: ArrayBuffer): OutlinePart {
  const view = begin(bytes, "HLO1");
  check(bytes.byteLength >= 16);
  const count = view.getUint32(4, true);
  const total = view.getUint32(8, true);
  const step = view.getFloat32(12, true);
  check(bytes.byteLength === 16 + 2 * count + 4 * total);
  const starts = new Uint32Array(count + 1);
  for (let cell = 0; cell < count; cell++) starts[cell + 1] = (starts[cell] ?? 0) + view.getUint16(16 + 2 * cell, true);
  check(starts[count] === total);
  const corners = new Float32Array(2 * total);
  let at = 16 + 2 * count;
  for (let cell = 0; cell < count; cell++) {
    let [x, y] = [0, 0];
    for (let corner = starts[cell] ?? 0; corner < (starts[cell + 1] ?? 0); corner++, at += 4) {
      x += view.getInt16(at, true);
      y += view.getInt16(at + 2, true);
      corners[2 * corner] = x * step;
      corners[2 * corner + 1] = y * step;
    }
  }
  return { starts, corners };
}

export function decodeCounts(bytes: ArrayBuffer): CountPart {
  const view = begin(bytes, "HLC1");
  const side = view.getUint16(4, true);
  const planes = view.getUint16(6, true);
  const first = 8 + planes + ((4 - (planes % 4)) % 4);
  check(bytes.byteLength === first + 4 * planes * side * side);
  const found = new Map<number, Uint32Array<ArrayBuffer>>();
  for (let i = 0; i < planes; i++) found.set(view.getUint8(8 + i), new Uint32Array(bytes, first + 4 * i * side * side, side * side));
  return { side, planes: found };
}

export function decodeValues(bytes: ArrayBuffer): ValuePart {
  const side = begin(bytes, "HLH1").getUint16(4, true);
  check(bytes.byteLength === 8 + 5 * side * side);
  return { side, values: new Float32Array(bytes, 8, side * side), states: new Uint8Array(bytes, 8 + 4 * side * side, side * side) };
}
