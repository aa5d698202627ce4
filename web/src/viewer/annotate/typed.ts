/**
 * What somebody types into the fields of marks and has not saved. It stays whatever others make of the marks meanwhile, until
 * it is saved or dropped. Knows no framework.
 */
import type { Mark } from "./mark";

export const TYPED_FIELDS = ["class", "name", "note"] as const;
export type TypedField = (typeof TYPED_FIELDS)[number];

export interface Typed {
  id: string;
  field: TypedField;
  text: string;
  /** What the mark said when this was begun. */
  over: string;
}

/** What a mark says in a field; nothing for no class. */
export const saidIn = (mark: Mark, field: TypedField): string => mark[field] ?? "";

/** The change of a mark that says this in a field. */
export function patchOf(field: TypedField, text: string): Partial<Pick<Mark, TypedField>> {
  if (field === "class") return { class: text || null };
  return field === "name" ? { name: text } : { note: text };
}

/** Whether the mark says something else by now than when this was begun. */
export const isOvertaken = ({ field, over }: Typed, mark: Mark): boolean => saidIn(mark, field) !== over;

const keyOf = (id: string, field: TypedField): string => `${field}/${id}`;

export class TypedTexts {
  private readonly texts = new Map<string, Typed>();
  private readonly listeners = new Set<() => void>();
  private revision = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Grows with every change. */
  readonly version = (): number => this.revision;

  get size(): number {
    return this.texts.size;
  }

  find(id: string, field: TypedField): Typed | null {
    return this.texts.get(keyOf(id, field)) ?? null;
  }

  /** Keeps what is typed now; `over` is what the mark said when that was begun. */
  type(mark: Mark, field: TypedField, text: string, over = this.find(mark.id, field)?.over ?? saidIn(mark, field)): void {
    if (text === saidIn(mark, field)) this.texts.delete(keyOf(mark.id, field));
    else this.texts.set(keyOf(mark.id, field), { id: mark.id, field, text, over });
    this.tell();
  }

  drop({ id, field }: Pick<Typed, "id" | "field">): void {
    if (this.texts.delete(keyOf(id, field))) this.tell();
  }

  /** Forgets what the marks say by now, whoever wrote it. */
  settle(marks: ReadonlyMap<string, Mark>): void {
    for (const typed of [...this.texts.values()]) {
      const mark = marks.get(typed.id);
      if (mark && saidIn(mark, typed.field) === typed.text) this.drop(typed);
    }
  }

  /** What was typed into marks that are not there any more. */
  lost(marks: ReadonlyMap<string, Mark>): Typed[] {
    return [...this.texts.values()].filter(({ id }) => !marks.has(id));
  }

  private tell(): void {
    this.revision++;
    for (const listener of this.listeners) listener();
  }
}
