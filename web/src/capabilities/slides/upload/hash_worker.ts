/** Hashes in a thread of its own, so that the page stays quick. */
import { FileHash } from "./hashing";

export type Question = { call: number; seek: number } | { call: number; part: Blob; offset: number };

const hash = new FileHash();

self.addEventListener("message", (event: MessageEvent<Question>) => {
  const question = event.data;
  const answer =
    "seek" in question
      ? Promise.resolve(hash.seek(question.seek))
      : question.part.arrayBuffer().then((buffer) => hash.take(new Uint8Array(buffer), question.offset));
  answer.then(
    (value) => {
      self.postMessage({ call: question.call, value });
    },
    () => {
      self.postMessage({ call: question.call, failed: true });
    },
  );
});
