/** What was seen and not yet told to the server, kept in the browser so that a reload or a lost line loses nothing. */
import type { Mark, Run } from "./coverage";

/** What the keys of everything begin with that waits of a person, before the image that it is about. */
export const seenPrefix = (person: string): string => `hemalum.seen.${person}.`;

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

export class SeenQueue {
  /** Of one person: others who use this browser have their own. */
  constructor(
    private readonly person: string,
    private readonly storage: Kept,
  ) {}

  /** Images of which something waits. */
  images(): string[] {
    const found: string[] = [];
    for (let index = 0; index < this.storage.length; index++) {
      const key = this.storage.key(index);
      if (key?.startsWith(this.key(""))) found.push(key.slice(this.key("").length));
    }
    return found;
  }

  read(image: string): Mark[] {
    try {
      const kept: unknown = JSON.parse(this.storage.getItem(this.key(image)) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isMark) : [];
    } catch {
      return [];
    }
  }

  /** Adds what was seen; the order of calls does not matter, nor does saying the same twice. */
  add(image: string, marks: readonly Mark[]): void {
    this.write(image, merged([...this.read(image), ...marks]));
  }

  /** Takes out what the server has; what was added since stays. */
  drop(image: string, told: readonly Mark[]): void {
    const gone = new Set(told.flatMap((mark) => mark.runs.map((run) => nameOf(mark, run))));
    const left = this.read(image).map((mark) => ({ ...mark, runs: mark.runs.filter((run) => !gone.has(nameOf(mark, run))) }));
    this.write(image, left.filter(({ runs }) => runs.length > 0));
  }

  private write(image: string, marks: Mark[]): void {
    try {
      if (marks.length === 0) this.storage.removeItem(this.key(image));
      else this.storage.setItem(this.key(image), JSON.stringify(marks));
    } catch {
      // The browser has no room: what is on the screen still counts, and goes to the server with the next message.
    }
  }

  private key(image: string): string {
    return seenPrefix(this.person) + image;
  }
}

const nameOf = ({ objective, cell_px }: Mark, run: Run) => `${objective} ${cell_px} ${run.join(" ")}`;

function merged(marks: readonly Mark[]): Mark[] {
  const grids = new Map<string, Mark>();
  for (const { objective, cell_px, runs } of marks) {
    const name = `${objective} ${cell_px}`;
    const known = grids.get(name) ?? { objective, cell_px, runs: [] };
    const have = new Set(known.runs.map((run) => run.join(" ")));
    grids.set(name, { ...known, runs: [...known.runs, ...runs.filter((run) => !have.has(run.join(" ")))] });
  }
  return [...grids.values()];
}

function isMark(value: unknown): value is Mark {
  const mark = value as Partial<Mark> | null;
  return (
    typeof mark?.objective === "number" &&
    typeof mark.cell_px === "number" &&
    Array.isArray(mark.runs) &&
    mark.runs.every((run) => Array.isArray(run) && run.length === 3 && run.every(Number.isInteger))
  );
}
