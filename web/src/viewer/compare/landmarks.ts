/** Pairs of places that a person calls the same on two slides, with undo. */
import type { Place } from "../annotate/mark";
import type { Pair } from "./fit";

/** One of the two places may still be missing. */
export interface Landmark {
  start: Place | null;
  end: Place | null;
}

export type Side = keyof Landmark;

const MOST_STEPS = 200;

export class Landmarks {
  private past: (readonly Landmark[])[] = [];
  private future: (readonly Landmark[])[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(private present: readonly Landmark[] = []) {}

  readonly get = (): readonly Landmark[] => this.present;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Those with both places. */
  get pairs(): Pair[] {
    return this.present.flatMap(({ start, end }) => (start && end ? [{ start, end }] : []));
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Adds a place: to the landmark that waits for one or has one on this side only, else as a new one. */
  place(side: Side, at: Place): void {
    const last = this.present.at(-1);
    const isOpen = last && !(last.start && last.end);
    const kept = isOpen ? this.present.slice(0, -1) : this.present;
    this.change([...kept, { ...(isOpen ? last : { start: null, end: null }), [side]: at }]);
  }

  /** Puts the place of a landmark on one side elsewhere, or where it had none yet. */
  move(index: number, side: Side, at: Place): void {
    if (this.present[index]) this.change(this.present.map((landmark, number) => (number === index ? { ...landmark, [side]: at } : landmark)));
  }

  remove(index: number): void {
    this.change(this.present.filter((_, at) => at !== index));
  }

  clear(): void {
    if (this.present.length > 0) this.change([]);
  }

  undo(): void {
    this.step(this.past, this.future);
  }

  redo(): void {
    this.step(this.future, this.past);
  }

  private change(next: readonly Landmark[]): void {
    this.past = [...this.past, this.present].slice(-MOST_STEPS);
    this.future = [];
    this.present = next;
    this.tell();
  }

  private step(from: (readonly Landmark[])[], to: (readonly Landmark[])[]): void {
    const next = from.pop();
    if (!next) return;
    to.push(this.present);
    this.present = next;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
