/** What somebody says, on its way to being text: recorded, sent, proposed. Memory holds it, and nothing else does. */

/** The field that is dictated into, with how far it is. */
export type Dictation =
  | { step: "idle" }
  | { step: "recording"; field: string; secondsLeft: number }
  | { step: "sending"; field: string }
  | { step: "proposed"; field: string; text: string }
  | { step: "nothing"; field: string }
  | { step: "cancelled"; field: string }
  | { step: "failed"; field: string; error: unknown };

/** What records: a browser's recorder, or what stands in for it in a test. */
export interface Recorder {
  /** All that was recorded. */
  stop: () => Promise<Blob>;
  /** Forgets it, and lets go of the microphone. */
  drop: () => void;
}

export interface DictatorOptions {
  record: () => Promise<Recorder>;
  send: (audio: Blob, signal: AbortSignal) => Promise<string>;
  mostSeconds: number;
}

const SECOND_MS = 1000;

export class Dictator {
  private present: Dictation = { step: "idle" };
  private recorder: Recorder | null = null;
  private clock: ReturnType<typeof setInterval> | undefined;
  private abort: AbortController | null = null;
  /** Counts what was begun, so that what comes late is known as such. */
  private turn = 0;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly options: DictatorOptions) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly state = (): Dictation => this.present;

  /** Begins in a field, or ends what is being recorded, in whichever field that is. */
  toggle(field: string): Promise<void> {
    if (this.present.step === "recording") return this.stop();
    return this.present.step === "sending" ? Promise.resolve() : this.start(field);
  }

  async stop(): Promise<void> {
    if (this.present.step !== "recording" || !this.recorder) return;
    const { field } = this.present;
    const { recorder } = this;
    const turn = this.turn;
    this.recorder = null;
    clearInterval(this.clock);
    this.tell({ step: "sending", field });
    this.abort = new AbortController();
    try {
      const text = (await this.options.send(await recorder.stop(), this.abort.signal)).trim();
      if (turn === this.turn) this.tell(text === "" ? { step: "nothing", field } : { step: "proposed", field, text });
    } catch (error) {
      if (turn === this.turn) this.tell({ step: "failed", field, error });
    }
  }

  /** The text that is proposed for a field, which then is proposed no more. */
  take(field: string): string | null {
    if (this.present.step !== "proposed" || this.present.field !== field) return null;
    const { text } = this.present;
    this.tell({ step: "idle" });
    return text;
  }

  /** Forgets whatever is recorded, sent or proposed. */
  drop(): void {
    this.turn += 1;
    clearInterval(this.clock);
    this.recorder?.drop();
    this.recorder = null;
    this.abort?.abort();
    this.abort = null;
    if (this.present.step !== "idle") this.tell({ step: "idle" });
  }

  /** Forgets what is recorded, or sent and not yet understood; tells whether there was such a thing. */
  cancel(): boolean {
    if (this.present.step !== "recording" && this.present.step !== "sending") return false;
    const { field } = this.present;
    this.drop();
    this.tell({ step: "cancelled", field });
    return true;
  }

  private async start(field: string): Promise<void> {
    this.drop();
    const turn = this.turn;
    try {
      const recorder = await this.options.record();
      if (turn !== this.turn) {
        recorder.drop();
        return;
      }
      this.recorder = recorder;
    } catch (error) {
      if (turn === this.turn) this.tell({ step: "failed", field, error });
      return;
    }
    let secondsLeft = this.options.mostSeconds;
    this.tell({ step: "recording", field, secondsLeft });
    this.clock = setInterval(() => {
      secondsLeft -= 1;
      if (secondsLeft <= 0) void this.stop();
      else this.tell({ step: "recording", field, secondsLeft });
    }, SECOND_MS);
  }

  private tell(next: Dictation): void {
    this.present = next;
    for (const listener of this.listeners) listener();
  }
}

/** The text of a field with what was dictated at its end. */
export function joined(text: string, said: string, language: "en" | "zh"): string {
  const before = text.trimEnd();
  if (before === "") return said;
  const between = text !== before ? text.slice(before.length) : language === "zh" ? "" : " ";
  return before + between + said;
}
