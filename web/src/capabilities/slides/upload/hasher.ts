import type { ChunkDigests, Hasher } from "./hashing";

/** A hasher in a thread of its own. Close it when the file is done. */
export function hasherInWorker(): Hasher {
  const worker = new Worker(new URL("./hash_worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let calls = 0;
  worker.addEventListener("message", (event: MessageEvent<{ call: number; value?: unknown; failed?: boolean }>) => {
    const { call, value, failed } = event.data;
    const caller = waiting.get(call);
    waiting.delete(call);
    if (failed) caller?.reject(new Error("The file cannot be read."));
    else caller?.resolve(value as never);
  });
  const ask = <T>(question: object) =>
    new Promise<T>((resolve, reject) => {
      const call = ++calls;
      waiting.set(call, { resolve, reject });
      worker.postMessage({ ...question, call });
    });
  return {
    seek: (offset) => ask<number>({ seek: offset }),
    take: (part, offset) => ask<ChunkDigests>({ part, offset }),
    close: () => {
      worker.terminate();
    },
  };
}
