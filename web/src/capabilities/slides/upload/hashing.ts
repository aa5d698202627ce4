/** SHA-256 of a file while it is sent: each chunk by itself, and the whole as it grows. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

type State = ReturnType<typeof sha256.create>;

/** Positions that can be returned to without reading the file again. */
const KEPT_POSITIONS = 4;

export interface ChunkDigests {
  /** Base64, as the tus checksum header wants it. */
  chunk: string;
  /** Hex of everything from the start of the file to the end of this chunk. */
  upToHere: string;
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** The browser's own SHA-256 is faster, but exists only on https and on this machine. */
async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  return subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : sha256(bytes);
}

export class FileHash {
  private readonly kept = new Map<number, State>([[0, sha256.create()]]);

  /** Goes back to the last kept position at or before `offset` and tells which. */
  seek(offset: number): number {
    let best = 0;
    for (const position of this.kept.keys()) if (position <= offset && position > best) best = position;
    return best;
  }

  /** Takes the bytes that start at `offset`, which must be a position that `seek` gave or where a chunk ended. */
  async take(bytes: Uint8Array<ArrayBuffer>, offset: number): Promise<ChunkDigests> {
    const state = this.kept.get(offset);
    if (!state) throw new Error(`The hash was never at ${offset}.`);
    const next = state.clone().update(bytes);
    const end = offset + bytes.length;
    this.kept.set(end, next);
    const positions = [...this.kept.keys()].filter((position) => position > 0).sort((a, b) => a - b);
    for (const old of positions.slice(0, -KEPT_POSITIONS)) this.kept.delete(old);
    return { chunk: base64(await digest(bytes)), upToHere: bytesToHex(next.clone().digest()) };
  }
}

/** The same from another thread. */
export interface Hasher {
  seek(offset: number): Promise<number>;
  take(part: Blob, offset: number): Promise<ChunkDigests>;
  close(): void;
}
