/** Which keys do what, as a person changed it. A chord is spelled `Ctrl+Shift+K`, `ArrowLeft`, `+`. */

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const SPELLED: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageDown: "PgDn",
  PageUp: "PgUp",
  Escape: "Esc",
  "-": "−",
};
const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "CapsLock", "AltGraph", "Dead"]);
const MOST_CHORDS = 6;

/** The chord of a key event; null for a modifier alone. */
export function chordOf({ key: told, code, ctrlKey, metaKey, altKey, shiftKey }: Pressed): string | null {
  // A Chinese input method that is on keeps the letter for itself, though there is no text to write here.
  const key = told === "Process" && /^Key[A-Z]$/.test(code) ? code.slice(3) : told;
  if (MODIFIERS.has(key) || key === "Process" || key === "") return null;
  const name = key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
  // Of a character that Shift made, Shift is a part already: `?` is `?` wherever it lies on the keyboard.
  const shifted = shiftKey && (name.length > 1 || name !== name.toLowerCase() || ctrlKey || metaKey);
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}${shifted ? "Shift+" : ""}${name}`;
}

/** A chord as people read it. */
export function spellChord(chord: string): string {
  if (chord === "") return "";
  const parts = chord === "+" ? ["+"] : chord.endsWith("++") ? [...chord.slice(0, -2).split("+"), "+"] : chord.split("+");
  return parts.map((part) => SPELLED[part] ?? part).join(" + ");
}

export class KeyBindings<Action extends string> {
  private readonly defaults: ReadonlyMap<Action, readonly string[]>;
  private changed = new Map<Action, readonly string[]>();
  private readonly listeners = new Set<() => void>();

  /** `fixed` are chords that mean something of their own and cannot be given to an action that has them not already. */
  constructor(
    table: readonly { action: Action; keys: string }[],
    private readonly fixed: readonly string[] = [],
  ) {
    this.defaults = new Map(table.map(({ action, keys }) => [action, keys.split(" ").filter(Boolean)]));
  }

  get actions(): Action[] {
    return [...this.defaults.keys()];
  }

  chordsOf(action: Action): readonly string[] {
    return this.changed.get(action) ?? this.defaults.get(action) ?? [];
  }

  actionOf(chord: string): Action | null {
    return this.actions.find((action) => this.chordsOf(action).includes(chord)) ?? null;
  }

  /** Whether an action can be given these chords. */
  mayHave(action: Action, chords: readonly string[]): boolean {
    return chords.every((chord) => !this.fixed.includes(chord) || (this.defaults.get(action) ?? []).includes(chord));
  }

  isChanged(action: Action): boolean {
    return this.changed.has(action);
  }

  /** Gives an action this chord in the place of those it had; whoever had the chord loses it. */
  bind(action: Action, chord: string): void {
    const loser = this.actionOf(chord);
    if (loser !== null && loser !== action) this.set(loser, this.chordsOf(loser).filter((one) => one !== chord));
    this.set(action, [chord]);
    this.tell();
  }

  /** Gives back the keys of the table: of one action, or of all. Others lose what it gets back. */
  reset(action?: Action): void {
    if (action === undefined) this.changed.clear();
    else {
      const back = this.defaults.get(action) ?? [];
      for (const other of this.actions) {
        const held = this.chordsOf(other);
        if (other !== action && held.some((chord) => back.includes(chord))) this.set(other, held.filter((chord) => !back.includes(chord)));
      }
      this.changed.delete(action);
    }
    this.tell();
  }

  /** What was changed, to be kept. */
  save(): Record<string, string[]> {
    return Object.fromEntries([...this.changed].map(([action, chords]) => [action, [...chords]]));
  }

  /** Takes what `save` gave, from anywhere; what makes no sense in it is left out. Tells whether all made sense. */
  load(saved: unknown): boolean {
    this.changed = new Map();
    let whole = typeof saved === "object" && saved !== null && !Array.isArray(saved);
    for (const [action, chords] of Object.entries(whole ? (saved as object) : {})) {
      if (this.defaults.has(action as Action) && isChords(chords) && this.mayHave(action as Action, chords)) this.set(action as Action, chords);
      else whole = false;
    }
    this.tell();
    return whole;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Another value whenever something changed. */
  version = 0;

  private set(action: Action, chords: readonly string[]): void {
    const before = this.defaults.get(action) ?? [];
    const same = before.length === chords.length && before.every((chord, index) => chord === chords[index]);
    if (same) this.changed.delete(action);
    else this.changed.set(action, chords);
  }

  private tell(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}

function isChords(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MOST_CHORDS && value.every((one) => typeof one === "string" && one !== "" && one.length <= 30);
}
