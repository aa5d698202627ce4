import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FileHash, type Hasher } from "../src/capabilities/slides/upload/hashing";
import type { Answer, Send, Transport } from "../src/capabilities/slides/upload/transport";
import { TusUpload, type UploadState } from "../src/capabilities/slides/upload/tus";

const CHUNK = 1000;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) % 256);
const fileOf = (bytes: Uint8Array<ArrayBuffer>, name = "肺 slide.svs") => new File([bytes], name, { lastModified: 1 });

const answer = (status: number, headers: Record<string, string> = {}, body = ""): Answer => ({
  status,
  header: (name) => headers[name] ?? null,
  body,
});

/** Hashes without a thread of its own. */
function hasherHere(): Hasher {
  const hash = new FileHash();
  return {
    seek: (offset) => Promise.resolve(hash.seek(offset)),
    take: async (part, offset) => hash.take(new Uint8Array(await part.arrayBuffer()), offset),
    close: () => undefined,
  };
}

/** A server that keeps the rules of tus, and breaks as the test says. */
class Server {
  stored = new Uint8Array();
  length = 0;
  metadata = "";
  requests: Send[] = [];
  /** Called before each request; may answer instead of the server, or throw for a lost connection. */
  disturb: (send: Send, count: number) => Answer | undefined = () => undefined;
  /** Lose the answer of these PATCH requests after the bytes were kept. */
  lostAnswers = new Set<number>();
  private patches = 0;

  readonly transport: Transport = async (send) => {
    this.requests.push(send);
    const disturbed = this.disturb(send, this.requests.length);
    if (disturbed) return disturbed;
    if (send.method === "POST") {
      this.length = Number(send.headers["Upload-Length"]);
      this.metadata = send.headers["Upload-Metadata"] ?? "";
      return answer(201, { Location: "/api/slides/uploads/u1" });
    }
    if (send.method === "HEAD") return answer(200, { "Upload-Offset": String(this.stored.length) });
    if (send.method === "GET") return answer(200, {}, JSON.stringify({ sha256: sha256(this.stored), image_id: "img", status: "hashed" }));
    if (send.method === "DELETE") return answer(204);
    return this.patch(send);
  };

  private async patch(send: Send): Promise<Answer> {
    const part = new Uint8Array(await (send.body ?? new Blob()).arrayBuffer());
    if (Number(send.headers["Upload-Offset"]) !== this.stored.length) return answer(409);
    const digest = createHash("sha256").update(part).digest("base64");
    if (send.headers["Upload-Checksum"] !== `sha256 ${digest}`) return answer(460);
    const whole = new Uint8Array([...this.stored, ...part]);
    const last = send.headers["Upload-Sha256"];
    if (whole.length === this.length && last !== sha256(whole)) return answer(460, {}, "the whole file differs");
    this.stored = whole;
    if (this.lostAnswers.has(++this.patches)) throw new Error("lost");
    return answer(204, { "Upload-Offset": String(whole.length) });
  }
}

function uploading(server: Server, file: File, url: string | null = null) {
  const states: UploadState[] = [];
  const addresses: string[] = [];
  const upload = new TusUpload(
    file,
    url,
    { transport: server.transport, hasher: hasherHere, pause: () => Promise.resolve(), chunkBytes: CHUNK },
    { onState: (state) => states.push(state), onAddress: (address) => addresses.push(address) },
  );
  return { upload, states, addresses };
}

describe("an upload", () => {
  it("sends every byte with its checksum and ends verified", async () => {
    const server = new Server();
    const bytes = bytesOf(3500);
    const { upload, states, addresses } = uploading(server, fileOf(bytes));
    await upload.run();
    expect(server.stored).toEqual(bytes);
    expect(states.at(-1)).toEqual({ kind: "verified", imageId: "img", sha256: sha256(bytes) });
    expect(addresses).toEqual(["/api/slides/uploads/u1"]);
    const name = new TextDecoder().decode(Uint8Array.from(atob(server.metadata.split(" ")[1] ?? ""), (c) => c.charCodeAt(0)));
    expect(name).toBe("肺 slide.svs");
    expect(server.requests.every((send) => send.headers["X-Hemalum"] === "1")).toBe(true);
  });

  it("takes an empty file", async () => {
    const server = new Server();
    const { upload, states } = uploading(server, fileOf(bytesOf(0)));
    await upload.run();
    expect(states.at(-1)?.kind).toBe("verified");
  });

  it("goes on after lost connections and faults of the server", async () => {
    const server = new Server();
    const bytes = bytesOf(5200);
    server.disturb = (_send, count) => {
      if (count === 3) throw new Error("lost");
      return count === 4 ? answer(503) : undefined;
    };
    const { upload, states } = uploading(server, fileOf(bytes));
    await upload.run();
    expect(server.stored).toEqual(bytes);
    expect(states.some((state) => state.kind === "retrying")).toBe(true);
  });

  it("sends nothing twice when only the answer was lost", async () => {
    const server = new Server();
    server.lostAnswers.add(2).add(4);
    const bytes = bytesOf(3500);
    const { upload, states } = uploading(server, fileOf(bytes));
    await upload.run();
    expect(server.stored).toEqual(bytes);
    expect(states.at(-1)?.kind).toBe("verified");
  });

  it("goes on from where an earlier page stopped, also in the middle of a chunk", async () => {
    const server = new Server();
    const bytes = bytesOf(4200);
    server.stored = bytes.slice(0, 2345);
    server.length = bytes.length;
    const { upload, states } = uploading(server, fileOf(bytes), "/api/slides/uploads/u1");
    await upload.run();
    expect(server.stored).toEqual(bytes);
    expect(states[0]?.kind).toBe("checking");
    expect(states.at(-1)?.kind).toBe("verified");
    expect(server.requests.some((send) => send.method === "POST")).toBe(false);
  });

  it("only compares when everything had arrived already", async () => {
    const server = new Server();
    const bytes = bytesOf(2100);
    server.stored = bytes;
    server.length = bytes.length;
    const { upload, states } = uploading(server, fileOf(bytes), "/api/slides/uploads/u1");
    await upload.run();
    expect(states.at(-1)).toEqual({ kind: "verified", imageId: "img", sha256: sha256(bytes) });
    expect(server.requests.some((send) => send.method === "PATCH")).toBe(false);
  });

  it("fails when what was sent before is not of this file", async () => {
    const server = new Server();
    server.stored = bytesOf(1500).fill(7);
    server.length = 2500;
    const { upload, states } = uploading(server, fileOf(bytesOf(2500)), "/api/slides/uploads/u1");
    await upload.run();
    expect(states.at(-1)).toMatchObject({ kind: "failed", error: "checksum" });
  });

  it("sends a chunk again when it arrived damaged, but not for ever", async () => {
    const server = new Server();
    let damaged = 0;
    server.disturb = (send) => (send.method === "PATCH" && damaged++ < 1 ? answer(460) : undefined);
    const first = uploading(server, fileOf(bytesOf(1500)));
    await first.upload.run();
    expect(first.states.at(-1)?.kind).toBe("verified");

    const broken = new Server();
    broken.disturb = (send) => (send.method === "PATCH" ? answer(460) : undefined);
    const second = uploading(broken, fileOf(bytesOf(1500)));
    await second.upload.run();
    expect(second.states.at(-1)).toMatchObject({ kind: "failed", error: "checksum" });
  });

  it.each([
    [507, "full"],
    [404, "gone"],
    [413, "refused"],
  ])("ends at once on %i", async (status, error) => {
    const server = new Server();
    server.disturb = (send) => (send.method === "PATCH" ? answer(status, {}, '{"detail":"One sentence."}') : undefined);
    const { upload, states } = uploading(server, fileOf(bytesOf(10)));
    await upload.run();
    expect(states.at(-1)).toEqual({ kind: "failed", error, said: { template: "One sentence." } });
  });

  it("waits while another request holds the upload, and gives up in the end", async () => {
    const server = new Server();
    server.disturb = (send) => (send.method === "PATCH" ? answer(423) : undefined);
    const { upload, states } = uploading(server, fileOf(bytesOf(10)));
    await upload.run();
    expect(states.at(-1)).toMatchObject({ kind: "failed", error: "locked" });
  });

  it("stops when told and goes on when told", async () => {
    const server = new Server();
    const bytes = bytesOf(4000);
    const { upload, states } = uploading(server, fileOf(bytes));
    server.disturb = (send) => {
      if (send.method === "PATCH" && server.stored.length === 2000 && !states.some((state) => state.kind === "paused")) upload.stop(2000);
      return undefined;
    };
    await upload.run();
    expect(states.at(-1)).toEqual({ kind: "paused", done: 2000 });
    await upload.run();
    expect(server.stored).toEqual(bytes);
    expect(states.at(-1)?.kind).toBe("verified");
  });
});
