/** The marks of one slide: what the server keeps, with what this person did since on top, until the server has it too. */
import { targetOf, type Answer, type Author, type Change, type Command, type CommandLabel, type Mark, type MarkContent } from "./mark";
import type { CommandShelf } from "./shelf";
import { TypedTexts } from "./typed";

/**
 * How the document reaches the server. `since` is the last sequence that is known: the answer holds what came after it. Each
 * rejects with what `failureOf` of the document's options can tell apart; what has an id is done once, however often sent.
 */
export interface Transport {
  read: (since: number | null) => Promise<Answer>;
  send: (command: Command, since: number | null) => Promise<Answer>;
  undo: (id: string, since: number | null) => Promise<Answer>;
  redo: (id: string, since: number | null) => Promise<Answer>;
}

/** silent: no answer came, or one worth waiting for; changed: somebody else was faster; refused: it will never be taken. */
export type Failure = "silent" | "changed" | "refused";

/** A command that the server did not take. It stays until the person decides. */
export interface Trouble {
  command: Command;
  failure: "changed" | "refused";
  error: unknown;
}

export interface DocumentOptions {
  transport: Transport;
  shelf: CommandShelf;
  me: Author;
  failureOf: (error: unknown) => Failure;
  /** Where what is typed is kept, if that is to outlive the document. */
  typed?: TypedTexts;
  now?: () => Date;
  newId: () => string;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** How often an undo is sent whose answer does not come. */
const UNDO_TRIES = 3;

/** The fields that a change names. */
function patchOf(change: Change & { op: "change" }): Partial<MarkContent> {
  return Object.fromEntries(Object.entries(change).filter(([name]) => name !== "op" && name !== "id" && name !== "version"));
}

export class MarkDocument {
  /** What is on the screen: everything confirmed, with what waits on top. */
  readonly marks = new Map<string, Mark>();
  readonly troubles: Trouble[] = [];
  /** What this person types into fields of marks. */
  readonly typed: TypedTexts;
  loaded = false;
  /** The last failure of reading, until a reading succeeds. */
  error: unknown = null;
  private readonly confirmed = new Map<string, Mark>();
  private queue: Command[];
  /** Commands taken back before they were sent, the next to come back last. */
  private takenBack: Command[] = [];
  private sequence: number | null = null;
  private serverUndo = false;
  private serverRedo = false;
  private underway: Promise<unknown> = Promise.resolve();
  private isSending = false;
  private pause = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private readonly listeners = new Set<(touched: ReadonlySet<string>) => void>();

  constructor(private readonly options: DocumentOptions) {
    this.typed = options.typed ?? new TypedTexts();
    this.queue = options.shelf.waiting();
    this.refresh(this.queue.flatMap(({ changes }) => changes.map(targetOf)));
    if (this.queue.length > 0) this.flushSoon(0);
  }

  /** Tells which marks changed; an empty set when only the state around them did. */
  subscribe(listener: (touched: ReadonlySet<string>) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Whether what waits would be lost with the page. */
  get isUnkept(): boolean {
    return this.queue.some((command) => !this.options.shelf.has(command.id));
  }

  get canUndo(): boolean {
    return this.queue.length > 0 || this.serverUndo;
  }

  get canRedo(): boolean {
    return this.takenBack.length > 0 || (this.serverRedo && this.queue.length === 0);
  }

  /** Fetches what others did. */
  async poll(): Promise<void> {
    await this.oneByOne(async () => {
      if (this.closed) return;
      try {
        this.take(await this.options.transport.read(this.sequence));
        if (this.loaded && this.error === null) return;
        this.loaded = true;
        this.error = null;
      } catch (error) {
        this.error = error;
      }
      this.tell([]);
    });
  }

  /** Does something at once on the screen, and on the server as soon as it can be. */
  do(label: CommandLabel, changes: Change[]): void {
    const command: Command = { id: this.options.newId(), label, changes };
    this.takenBack = [];
    this.enqueue(command);
  }

  change(id: string, patch: Partial<MarkContent>, label: CommandLabel = "change"): void {
    const mark = this.marks.get(id);
    if (mark) this.do(label, [{ op: "change", id, version: mark.version, ...patch }]);
  }

  remove(ids: readonly string[]): void {
    const marks = ids.flatMap((id) => this.marks.get(id) ?? []);
    if (marks.length > 0) this.do("remove", marks.map(({ id, version }) => ({ op: "remove", id, version })));
  }

  /** Takes back this person's last command. Rejects as the transport does; nothing has changed then. */
  async undo(): Promise<void> {
    const last = this.queue.at(-1);
    if (last && !(this.isSending && this.queue.length === 1)) {
      this.unqueue(last);
      this.takenBack.push(last);
      this.refresh(last.changes.map(targetOf));
      return;
    }
    await this.flush();
    if (this.queue.length === 0) await this.ask(this.options.transport.undo);
  }

  async redo(): Promise<void> {
    const next = this.takenBack.pop();
    if (next) this.enqueue(next);
    else await this.ask(this.options.transport.redo);
  }

  /** Tries again now what waits. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    return this.oneByOne(async () => {
      while (this.queue.length > 0) if (!(await this.sendFirst())) return;
    });
  }

  /** Drops a command that the server did not take; the marks are then as the server has them. */
  giveUp(trouble: Trouble): void {
    const at = this.troubles.indexOf(trouble);
    if (at >= 0) this.troubles.splice(at, 1);
    this.options.shelf.remove(trouble.command.id);
    this.tell([]);
  }

  /** Sends a command that the server did not take again, on top of what is there now. */
  insist(trouble: Trouble): void {
    const at = this.troubles.indexOf(trouble);
    if (at < 0) return;
    this.troubles.splice(at, 1);
    this.options.shelf.remove(trouble.command.id);
    const changes = trouble.command.changes.flatMap((change): Change[] => {
      if (change.op === "add") return [change];
      const now = this.confirmed.get(change.id);
      return now ? [{ ...change, version: now.version }] : [];
    });
    if (changes.length > 0) this.enqueue({ ...trouble.command, id: this.options.newId(), changes });
    else this.tell([]);
  }

  /** Takes an answer that came by another way, as an import's does. */
  takeAnswer(answer: Answer): Promise<void> {
    this.take(answer);
    return this.poll();
  }

  /** Nobody looks any more. What waits is still sent. */
  close(): void {
    this.closed = true;
    this.listeners.clear();
  }

  // --- inside ---------------------------------------------------------------------------------------------------

  /** One request at a time, so that an older answer never comes after a newer one. */
  private oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const next = this.underway.then(work);
    this.underway = next.catch(() => undefined);
    return next;
  }

  private ask(request: Transport["undo"]): Promise<void> {
    const id = this.options.newId();
    return this.oneByOne(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          this.take(await request(id, this.sequence));
          return;
        } catch (error) {
          if (attempt === UNDO_TRIES || this.options.failureOf(error) !== "silent") throw error;
        }
      }
    });
  }

  private enqueue(command: Command): void {
    this.queue.push(command);
    this.options.shelf.put(command);
    this.refresh(command.changes.map(targetOf));
    void this.flush();
  }

  private unqueue(command: Command): void {
    this.queue = this.queue.filter((other) => other !== command);
    this.options.shelf.remove(command.id);
  }

  private flushSoon(after: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), after);
  }

  /** Sends the command that has waited longest. Tells whether the next may follow. */
  private async sendFirst(): Promise<boolean> {
    const command = this.queue[0];
    if (!command) return false;
    this.isSending = true;
    try {
      const answer = await this.options.transport.send(command, this.sequence);
      this.unqueue(command);
      this.take(answer);
      this.rebase(command);
      this.refresh(command.changes.map(targetOf));
      this.pause = FIRST_PAUSE_MS;
      return true;
    } catch (error) {
      return await this.failed(command, error);
    } finally {
      this.isSending = false;
    }
  }

  private async failed(command: Command, error: unknown): Promise<boolean> {
    const failure = this.options.failureOf(error);
    if (failure === "silent") {
      this.flushSoon(this.pause);
      this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
      this.tell([]);
      return false;
    }
    // It stays on the shelf until the person decides.
    this.queue = this.queue.filter((other) => other !== command);
    this.troubles.push({ command, failure, error });
    // What others did must be there to be compared with.
    await this.options.transport.read(this.sequence).then(
      (answer) => { this.take(answer); },
      () => undefined,
    );
    this.refresh(command.changes.map(targetOf));
    return true;
  }

  /** Later commands were made on top of this one: they stand on the version that it made. */
  private rebase(sent: Command): void {
    const before = new Map(sent.changes.map((change) => [targetOf(change), change.op === "add" ? 0 : change.version]));
    for (const command of this.queue) {
      let touched = false;
      for (const change of command.changes) {
        if (change.op === "add" || before.get(change.id) !== change.version) continue;
        change.version = this.confirmed.get(change.id)?.version ?? change.version;
        touched = true;
      }
      if (touched) this.options.shelf.put(command);
    }
  }

  private take(answer: Answer): void {
    const touched: string[] = [];
    if (answer.since === null) {
      touched.push(...this.confirmed.keys());
      this.confirmed.clear();
    }
    for (const mark of answer.annotations) {
      const known = this.confirmed.get(mark.id);
      if (known && known.version > mark.version) continue;
      this.confirmed.set(mark.id, mark);
      touched.push(mark.id);
    }
    for (const id of answer.removed) {
      this.confirmed.delete(id);
      touched.push(id);
    }
    // An answer that begins later than what is known leaves a gap, which the next reading fills.
    if (answer.since === null || (this.sequence !== null && answer.since <= this.sequence)) this.sequence = answer.sequence;
    const same = touched.length === 0 && this.serverUndo === answer.can_undo && this.serverRedo === answer.can_redo;
    this.serverUndo = answer.can_undo;
    this.serverRedo = answer.can_redo;
    // Most answers say that nothing happened: nothing is then drawn anew.
    if (!same) this.refresh(touched);
  }

  /** Brings what is shown of some marks up to date. */
  private refresh(ids: readonly string[]): void {
    for (const id of new Set(ids)) {
      let mark = this.confirmed.get(id);
      for (const { changes } of this.queue) {
        for (const change of changes) if (targetOf(change) === id) mark = this.applied(mark, change);
      }
      if (mark) this.marks.set(id, mark);
      else this.marks.delete(id);
    }
    this.typed.settle(this.marks);
    this.tell(ids);
  }

  private applied(mark: Mark | undefined, change: Change): Mark | undefined {
    const stamp = { changed_by: this.options.me, changed_at: (this.options.now?.() ?? new Date()).toISOString() };
    switch (change.op) {
      case "add":
        // The answer was lost, but the command was not.
        if (mark) return mark;
        return { ...change.annotation, locked: false, version: 0, colour: null, measured: null, created_by: stamp.changed_by, created_at: stamp.changed_at, ...stamp };
      case "remove":
        return undefined;
      case "change": {
        if (!mark) return undefined;
        const measured = change.geometry ? null : mark.measured;
        return { ...mark, ...patchOf(change), measured, ...stamp };
      }
    }
  }

  private tell(touched: readonly string[]): void {
    const ids = new Set(touched);
    for (const listener of this.listeners) listener(ids);
  }
}
