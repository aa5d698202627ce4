/** What this browser keeps of a person until the server has it: what they drew, and what of slides they saw. */
import { marksPrefix } from "../viewer/annotate/shelf";
import { seenPrefix } from "../viewer/seen_queue";
import { setQueued } from "./connection";

const PREFIXES = { marks: marksPrefix, seen: seenPrefix } as const;
const KINDS = ["marks", "seen"] as const;

const keysOf = (storage: Pick<Storage, "key" | "length">, prefix: string): string[] =>
  Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "").filter((key) => key.startsWith(prefix));

/** Of all slides, not only of the one on the screen. */
export function unsentOf(person: string, storage: Pick<Storage, "key" | "length"> = localStorage): Record<(typeof KINDS)[number], number> {
  return { marks: keysOf(storage, PREFIXES.marks(person)).length, seen: keysOf(storage, PREFIXES.seen(person)).length };
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
