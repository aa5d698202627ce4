/** What somebody writes into a report until the server has it. It is of a patient: memory holds it, and no storage of a browser. */

/** silent: no answer came, or one worth waiting for; changed: somebody else was faster; refused: it will never be taken like this. */
export type Failure = "silent" | "changed" | "refused";

export type DraftState = "saved" | "waiting" | "saving" | "unreached" | "changed" | "refused";

/** What the server made of a saving. */
export interface Saved {
  number: number;
  at: string;
}

export interface DraftOptions<Content> {
  content: Content;
  /** The version that the content was read from; null where there is none. */
  base: number | null;
  /** Makes a version of the content on top of the one that it names. */
  save: (content: Content, base: number | null) => Promise<Saved>;
  failureOf: (error: unknown) => Failure;
  /** Whether something here is not on the server. */
  onWaiting?: (waits: boolean) => void;
}

/** Every saving is a version that stays for ever, so one waits for a pause in the writing. */
export const PAUSE_MS = 2500;
/** Who never pauses is saved as often as this. */
export const LONGEST_MS = 20_000;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 30_000;

export class Draft<Content> {
  private present: Content;
  /** What the server has, as far as it is known here. */
  private held: Content;
  private based: number | null;
  private step: DraftState = "saved";
  private failure: unknown = null;
  private at: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changedSince: number | null = null;
  private retry = FIRST_RETRY_MS;
  private underway: Promise<void> | null = null;
  private paused = false;
  private revision = 0;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly options: DraftOptions<Content>) {
    this.present = options.content;
    this.held = options.content;
    this.based = options.base;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Another value whenever something changed. */
  readonly version = (): number => this.revision;

  get content(): Content {
    return this.present;
  }

  get base(): number | null {
    return this.based;
  }

  get state(): DraftState {
    return this.step;
  }

  /** Why it is not saved, in the states unreached, changed and refused. */
  get error(): unknown {
    return this.failure;
  }

  /** When the server last took it; null before it did. */
  get savedAt(): string | null {
    return this.at;
  }

  /** Whether something here is not on the server. */
  get waits(): boolean {
    return this.present !== this.held;
  }

  change(content: Content): void {
    if (content === this.present) return;
    this.present = content;
    // Whoever writes is there.
    this.paused = false;
    // Who decides between two versions goes on writing meanwhile; it is sent once they have decided.
    if (this.step !== "changed") this.step = "waiting";
    this.changedSince ??= Date.now();
    this.tell();
    if (this.step === "waiting" && !this.underway) this.later(Math.min(PAUSE_MS, Math.max(0, this.changedSince + LONGEST_MS - Date.now())));
  }

  /** Saves now what waits. Tells whether the server has everything. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    this.paused = false;
    while (this.waits && this.step !== "changed") {
      await (this.underway ??= this.send().finally(() => { this.underway = null; }));
      if (this.step !== "waiting" && this.step !== "saved") return false;
    }
    return !this.waits;
  }

  /** Takes what others made of it meanwhile, unless something here waits. */
  follow(base: number | null, content: Content): void {
    // An answer that was asked for before the last saving tells of a version before it.
    if (this.waits || this.underway || (base ?? 0) <= (this.based ?? 0)) return;
    this.take(base, content);
  }

  /** Of two versions takes the one of the server: what was written here goes. */
  takeTheirs(base: number | null, content: Content): void {
    clearTimeout(this.timer);
    this.take(base, content);
  }

  /** Of two versions takes this one: it becomes the next on top of the other, which stays in the list. */
  keepMine(base: number): Promise<boolean> {
    this.based = base;
    this.step = "waiting";
    this.failure = null;
    return this.flush();
  }

  /** The server answers again. */
  tryAgain(): void {
    if (this.step === "unreached" && !this.paused) void this.flush();
  }

  /** Nobody is signed in, or somebody else: nothing is sent any more until they write again, or `flush`. */
  pause(): void {
    clearTimeout(this.timer);
    this.paused = true;
  }

  // --- inside ---------------------------------------------------------------------------------------------------

  private take(base: number | null, content: Content): void {
    this.based = base;
    this.present = content;
    this.held = content;
    this.step = "saved";
    this.failure = null;
    this.changedSince = null;
    this.tell();
  }

  private later(afterMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), afterMs);
  }

  private async send(): Promise<void> {
    const sent = this.present;
    this.step = "saving";
    this.failure = null;
    this.changedSince = null;
    this.tell();
    try {
      const made = await this.options.save(sent, this.based);
      this.based = made.number;
      this.at = made.at;
      this.held = sent;
      this.retry = FIRST_RETRY_MS;
      this.step = this.waits ? "waiting" : "saved";
    } catch (error) {
      this.failed(error);
    }
    this.tell();
  }

  private failed(error: unknown): void {
    this.failure = error;
    const failure = this.options.failureOf(error);
    this.step = failure === "silent" ? "unreached" : failure;
    if (failure !== "silent" || this.paused) return;
    this.later(this.retry);
    this.retry = Math.min(LONGEST_RETRY_MS, this.retry * 2);
  }

  private tell(): void {
    this.revision++;
    this.options.onWaiting?.(this.waits);
    for (const listener of this.listeners) listener();
  }
}
