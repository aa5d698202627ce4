/** What this browser keeps of a person until the server has it: what they drew, what of slides they saw, and files half sent. */
import { uploadsPrefix } from "../capabilities/slides/upload/kept";
import { marksPrefix } from "../viewer/annotate/shelf";
import { seenPrefix } from "../viewer/seen_queue";
import { setQueued } from "./connection";

const PREFIXES = { marks: marksPrefix, seen: seenPrefix, uploads: uploadsPrefix } as const;
const KINDS = ["marks", "seen", "uploads"] as const;

const keysOf = (storage: Pick<Storage, "key" | "length">, prefix: string): string[] =>
  Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "").filter((key) => key.startsWith(prefix));

/** Of all slides, not only of the one on the screen. */
export function unsentOf(person: string, storage: Pick<Storage, "key" | "length"> = localStorage): Record<(typeof KINDS)[number], number> {
  const count = (kind: (typeof KINDS)[number]) => keysOf(storage, PREFIXES[kind](person)).length;
  return { marks: count("marks"), seen: count("seen"), uploads: count("uploads") };
}

/** Counts anew what waits, for the bar that says that there is no connection. */
export function countUnsent(person: string): void {
  const found = unsentOf(person);
  for (const kind of KINDS) setQueued(kind, found[kind]);
}

/** Somebody leaves this browser: what they wrote must not stay in it. */
export function forgetUnsent(person: string, storage: Pick<Storage, "key" | "length" | "removeItem"> = localStorage): void {
  for (const kind of KINDS) for (const key of keysOf(storage, PREFIXES[kind](person))) storage.removeItem(key);
}
