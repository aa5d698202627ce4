/** Which terms are offered for a word; a person takes one, nothing is taken by itself. */
import type { ProfileTerm } from "../../api/types";

const plain = (text: string) => text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** How much of the longer text the shorter one is, when it stands in it; 0 when it does not. */
function likeness(word: string, name: string): number {
  if (!word || !name) return 0;
  const [short, long] = word.length < name.length ? [word, name] : [name, word];
  return long.includes(short) ? short.length / long.length : 0;
}

/** Terms of a kind that a text is part of, or that are part of it, the likeliest first; all of them for no text. */
export function suggest(terms: readonly ProfileTerm[], kind: ProfileTerm["kind"], text: string, most = 6): ProfileTerm[] {
  const word = plain(text);
  const own = terms.filter((term) => term.kind === kind);
  if (!word) return own.slice(0, most);
  return own
    .map((term) => ({ term, like: Math.max(likeness(word, plain(term.en)), likeness(word, plain(term.zh)), likeness(word, plain(term.id))) }))
    .filter(({ like }) => like > 0)
    .sort((one, other) => other.like - one.like)
    .slice(0, most)
    .map(({ term }) => term);
}
