/**
 * One file on its way to the server by tus 1.0.0: resumable, every chunk with its checksum, the whole file compared
 * by SHA-256 at the end.
 */
import type { Sentence } from "../../../api/types";
import { saidIn } from "../../../i18n/sentences";
import { base64, type ChunkDigests, type Hasher } from "./hashing";
import type { Answer, Send, Transport } from "./transport";

const CREATION_URL = "/api/slides/uploads";
const CHUNK_BYTES = 8 * 1024 * 1024;
const CHECKSUM_MISMATCH = 460;
const CHECKSUM_TRIES = 3;
const LOCKED_TRIES = 15;

export type UploadError = "checksum" | "locked" | "full" | "changed" | "gone" | "refused";

export type UploadState =
  | { kind: "waiting" }
  | { kind: "checking"; done: number }
  | { kind: "sending"; done: number }
  | { kind: "retrying"; done: number }
  | { kind: "paused"; done: number }
  | { kind: "verified"; imageId: string | null; sha256: string }
  | { kind: "failed"; error: UploadError; said: Sentence | null };

export class UploadFailure extends Error {
  constructor(
    readonly error: UploadError,
    readonly said: Sentence | null = null,
  ) {
    super(said?.template);
  }
}

class Stopped extends Error {}

export interface UploadParts {
  transport: Transport;
  hasher: () => Hasher;
  /** Waits; tests pass one that does not. */
  pause: (ms: number) => Promise<void>;
  chunkBytes?: number;
}

export interface UploadListener {
  onState: (state: UploadState) => void;
  /** The address at the server is known: keep it, and one can go on after a reload. */
  onAddress: (url: string) => void;
}

interface Finished {
  sha256: string | null;
  image_id: string | null;
}

export class TusUpload {
  private abort: AbortController | null = null;
  private stopped = false;
  private readonly chunkBytes: number;

  /** `url` is the address of an upload begun earlier, or null for a new one. */
  constructor(
    private readonly file: File,
    private url: string | null,
    private readonly parts: UploadParts,
    private readonly listener: UploadListener,
  ) {
    this.chunkBytes = parts.chunkBytes ?? CHUNK_BYTES;
  }

  /** Sends what is missing. Ends in state verified, failed or paused; never throws. */
  async run(): Promise<void> {
    this.stopped = false;
    this.abort = new AbortController();
    const hasher = this.parts.hasher();
    try {
      await this.send(hasher);
    } catch (error) {
      if (error instanceof Stopped) return;
      const failure = error instanceof UploadFailure ? error : new UploadFailure("changed");
      this.listener.onState({ kind: "failed", error: failure.error, said: failure.said });
    } finally {
      hasher.close();
    }
  }

  /** Stops sending; `run` goes on from there. */
  stop(done: number): void {
    this.stopped = true;
    this.abort?.abort();
    this.listener.onState({ kind: "paused", done });
  }

  /** Stops and lets the server forget what it got. */
  async cancel(): Promise<void> {
    this.stopped = true;
    this.abort?.abort();
    if (!this.url) return;
    await this.parts.transport({ method: "DELETE", url: this.url, headers: this.headers({}) }).catch(() => undefined);
  }

  private headers(more: Record<string, string>): Record<string, string> {
    return { "Tus-Resumable": "1.0.0", "X-Hemalum": "1", ...more };
  }

  private async send(hasher: Hasher): Promise<void> {
    let offset = this.url ? await this.offset() : await this.create();
    let sha256 = "";
    let mismatches = 0;
    // An empty file still needs its one, empty, chunk: only then does the server know that it is complete.
    for (let untried = this.file.size === 0; untried || offset < this.file.size; untried = false) {
      sha256 = (await this.hashUpTo(hasher, offset)) || sha256;
      const end = Math.min(offset + this.chunkBytes, this.file.size);
      const part = this.file.slice(offset, end);
      const digests = await this.read(hasher.take(part, offset));
      sha256 = digests.upToHere;
      const answer = await this.patch(part, offset, digests, end === this.file.size);
      if (answer.status === CHECKSUM_MISMATCH) {
        if (++mismatches >= CHECKSUM_TRIES) throw new UploadFailure("checksum");
        offset = await this.offset();
        continue;
      }
      mismatches = 0;
      // 409 means that the server has another offset, for instance because an answer was lost: ask, and go on there.
      offset = answer.status === 409 ? await this.offset() : Number(answer.header("Upload-Offset") ?? end);
    }
    await this.finish((await this.hashUpTo(hasher, offset)) || sha256);
  }

  private async create(): Promise<number> {
    const filename = base64(new TextEncoder().encode(this.file.name));
    const answer = await this.insist({
      method: "POST",
      url: CREATION_URL,
      headers: this.headers({ "Upload-Length": String(this.file.size), "Upload-Metadata": `filename ${filename}` }),
    });
    const location = answer.header("Location");
    if (!location) throw new UploadFailure("refused");
    this.url = location;
    this.listener.onAddress(location);
    return 0;
  }

  /** How much the server has. */
  private async offset(): Promise<number> {
    const answer = await this.insist({ method: "HEAD", url: this.address, headers: this.headers({}) });
    return Number(answer.header("Upload-Offset") ?? 0);
  }

  private get address(): string {
    if (!this.url) throw new UploadFailure("gone");
    return this.url;
  }

  /**
   * Brings the running hash to `offset`, reading what was sent in an earlier life of the page. Gives the hash there, or
   * nothing when there was nothing to read.
   */
  private async hashUpTo(hasher: Hasher, offset: number): Promise<string> {
    let at = await hasher.seek(offset);
    let upToHere = "";
    while (at < offset) {
      this.check();
      this.listener.onState({ kind: "checking", done: at });
      const end = Math.min(at + this.chunkBytes, offset);
      upToHere = (await this.read(hasher.take(this.file.slice(at, end), at))).upToHere;
      at = end;
    }
    return upToHere;
  }

  private async read(digests: Promise<ChunkDigests>): Promise<ChunkDigests> {
    const value = await digests.catch(() => {
      throw new UploadFailure("changed");
    });
    this.check();
    return value;
  }

  private patch(part: Blob, offset: number, digests: ChunkDigests, last: boolean): Promise<Answer> {
    this.listener.onState({ kind: "sending", done: offset });
    return this.insist(
      {
        method: "PATCH",
        url: this.address,
        headers: this.headers({
          "Content-Type": "application/offset+octet-stream",
          "Upload-Offset": String(offset),
          "Upload-Checksum": `sha256 ${digests.chunk}`,
          ...(last ? { "Upload-Sha256": digests.upToHere } : {}),
        }),
        body: part,
        onSent: (bytes) => {
          this.listener.onState({ kind: "sending", done: Math.min(offset + bytes, this.file.size) });
        },
      },
      offset,
      last,
    );
  }

  private async finish(sha256: string): Promise<void> {
    const answer = await this.insist({ method: "GET", url: this.address, headers: this.headers({}) });
    const finished = JSON.parse(answer.body) as Finished;
    if (finished.sha256 && finished.sha256 !== sha256) throw new UploadFailure("checksum");
    this.listener.onState({ kind: "verified", imageId: finished.image_id, sha256 });
  }

  /** Sends until an answer comes that means something; waits longer each time. Throws what cannot be helped. */
  private async insist(send: Send, done = 0, last = false): Promise<Answer> {
    let locked = 0;
    for (let attempt = 0; ; attempt++) {
      this.check();
      const answer = await this.parts
        .transport({ ...send, ...(this.abort ? { signal: this.abort.signal } : {}) })
        .catch(() => null);
      this.check();
      if (answer && (answer.status < 400 || answer.status === 409)) return answer;
      if (answer?.status === CHECKSUM_MISMATCH) {
        // On the last chunk the whole file was compared too: then sending the chunk again cannot help.
        if (last && /whole|file/i.test(answer.body)) throw new UploadFailure("checksum", saidBy(answer));
        return answer;
      }
      if (answer && answer.status < 500 && answer.status !== 423 && answer.status !== 429) throw failureOf(answer);
      if (answer?.status === 507) throw new UploadFailure("full", saidBy(answer));
      if (answer?.status === 423 && ++locked > LOCKED_TRIES) throw new UploadFailure("locked", saidBy(answer));
      this.listener.onState({ kind: "retrying", done });
      await this.parts.pause(Math.min(500 * 2 ** attempt, 10_000));
      // After a lost answer the server may have the chunk already: its 409 then sets the offset right.
    }
  }

  private check(): void {
    if (this.stopped) throw new Stopped();
  }
}

function failureOf(answer: Answer): UploadFailure {
  if (answer.status === 404 || answer.status === 410) return new UploadFailure("gone", saidBy(answer));
  return new UploadFailure("refused", saidBy(answer));
}

function saidBy(answer: Answer): Sentence | null {
  try {
    return saidIn(JSON.parse(answer.body));
  } catch {
    return null;
  }
}
