import { describe, expect, it } from "vitest";
import { MarkDocument, type Failure, type Transport } from "../src/viewer/annotate/document";
import { targetOf, type Addition, type Answer, type Command, type Mark, type MarkContent } from "../src/viewer/annotate/mark";
import { storedShelf } from "../src/viewer/annotate/shelf";
import { isOvertaken, patchOf, TypedTexts } from "../src/viewer/annotate/typed";

class MemoryStorage implements Storage {
  private readonly map = new Map<string, string>();
  /** Characters that fit. */
  room = Infinity;
  get length(): number {
    return this.map.size;
  }
  clear(): void {
    this.map.clear();
  }
  getItem(key: string): string | null {
    return this.map.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.map.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.map.delete(key);
  }
  setItem(key: string, value: string): void {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.map.set(key, value);
  }
}

const ME = { id: "p1", name: "Li" };
const SHE = { id: "p2", name: "Chan" };

/** The server of the contract, in memory. */
class Server implements Transport {
  marks = new Map<string, Mark>();
  log: { ids: string[] }[] = [];
  done = new Set<string>();
  reachable = true;
  /** Swallows the next answer, after doing what was asked. */
  losesAnswer = false;
  sends = 0;

  private answer(since: number | null): Answer {
    if (!this.reachable) throw new Error("silent");
    const touched = new Set(since === null ? this.marks.keys() : this.log.slice(since).flatMap(({ ids }) => ids));
    const live = [...touched].flatMap((id) => this.marks.get(id) ?? []);
    const removed = since === null ? [] : [...touched].filter((id) => !this.marks.has(id));
    return { sequence: this.log.length, since, annotations: live, removed, can_undo: this.log.length > 0, can_redo: false, undo_label: null, redo_label: null };
  }

  read = (since: number | null) => Promise.resolve().then(() => this.answer(since));

  send = async (command: Command, since: number | null): Promise<Answer> => {
    this.sends++;
    await Promise.resolve();
    if (!this.reachable) throw new Error("silent");
    const before = this.log.length;
    if (!this.done.has(command.id)) this.apply(command, ME);
    if (this.losesAnswer) {
      this.losesAnswer = false;
      throw new Error("silent");
    }
    return this.answer(Math.min(since ?? before, this.log.length - 1));
  };

  apply(command: Command, person: typeof ME): void {
    for (const change of command.changes) {
      if (change.op === "add" && change.annotation.name === "bad") throw new Error("refused");
      if (change.op !== "add" && this.marks.get(change.id)?.version !== change.version) throw new Error("changed");
    }
    for (const change of command.changes) {
      const at = "2026-01-01T00:00:00Z";
      if (change.op === "remove") this.marks.delete(change.id);
      else if (change.op === "add")
        this.marks.set(change.annotation.id, { ...change.annotation, locked: false, version: 1, created_by: person, created_at: at, changed_by: person, changed_at: at, colour: null, measured: null });
      else {
        const { op, version, ...patch } = change;
        expect(op).toBe("change");
        this.marks.set(change.id, { ...(this.marks.get(change.id) as Mark), ...patch, version: version + 1, changed_by: person });
      }
    }
    this.done.add(command.id);
    this.log.push({ ids: command.changes.map(targetOf) });
  }

  undo = () => Promise.reject(new Error("refused"));
  redo = () => Promise.reject(new Error("refused"));
}

let made = 0;
const newId = () => `command-${made++}`;
const failureOf = (error: unknown): Failure => (error as Error).message as Failure;
const open = (server: Transport, storage = new MemoryStorage(), typed = new TypedTexts()) =>
  new MarkDocument({ transport: server, shelf: storedShelf(storage, "marks"), me: ME, failureOf, typed, newId });
const addition = (id: string, name = ""): Addition => ({
  id,
  kind: "point",
  geometry: { type: "Point", coordinates: [1, 2] },
  shape: null,
  plane: null,
  class: null,
  name,
  note: "",
});
const add = (document: MarkDocument, id: string, name = "") => {
  document.do("add", [{ op: "add", annotation: addition(id, name) }]);
};
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the document of marks", () => {
  it("shows at once what one does, and keeps it when the server has it", async () => {
    const server = new Server();
    const document = open(server);
    await document.poll();
    add(document, "mark-0001");
    expect(document.marks.get("mark-0001")?.version).toBe(0);
    expect(document.waiting).toBe(1);
    await settled();
    expect(document.waiting).toBe(0);
    expect(document.marks.get("mark-0001")?.version).toBe(1);
    document.close();
  });

  it("stands later changes of a mark on the version that earlier ones made", async () => {
    const server = new Server();
    const document = open(server);
    await document.poll();
    add(document, "mark-0001");
    document.change("mark-0001", { name: "a" });
    document.change("mark-0001", { note: "b" });
    document.remove(["mark-0001"]);
    await settled();
    expect(document.troubles).toEqual([]);
    expect(document.marks.size).toBe(0);
    expect(server.log).toHaveLength(4);
    document.close();
  });

  it("keeps what waits over a loss of the network and a reload, and sends it once", async () => {
    const server = new Server();
    const storage = new MemoryStorage();
    const first = open(server, storage);
    await first.poll();
    server.reachable = false;
    add(first, "mark-0001");
    first.change("mark-0001", { name: "kept" });
    await settled();
    expect(first.waiting).toBe(2);
    first.close();
    const second = open(server, storage);
    expect(second.marks.get("mark-0001")?.name).toBe("kept");
    server.reachable = true;
    await second.flush();
    expect(second.waiting).toBe(0);
    expect(server.marks.get("mark-0001")?.name).toBe("kept");
    expect(storage.length).toBe(0);
    second.close();
  });

  it("is not confused by an answer that got lost", async () => {
    const server = new Server();
    const document = open(server);
    await document.poll();
    server.losesAnswer = true;
    add(document, "mark-0001");
    document.change("mark-0001", { name: "after" });
    await settled();
    await document.poll();
    expect(document.marks.get("mark-0001")?.name).toBe("after");
    await document.flush();
    expect(server.log).toHaveLength(2);
    expect(document.troubles).toEqual([]);
    expect(server.marks.get("mark-0001")?.name).toBe("after");
    document.close();
  });

  it("loses neither side when somebody else was faster", async () => {
    const server = new Server();
    const document = open(server);
    await document.poll();
    add(document, "mark-0001");
    await settled();
    server.apply({ id: "hers", label: "change", changes: [{ op: "change", id: "mark-0001", version: 1, name: "hers" }] }, SHE);
    document.change("mark-0001", { name: "mine" });
    await settled();
    expect(document.marks.get("mark-0001")?.name).toBe("hers");
    expect(document.troubles).toHaveLength(1);
    const [trouble] = document.troubles;
    if (trouble) document.insist(trouble);
    await settled();
    expect(server.marks.get("mark-0001")?.name).toBe("mine");
    expect(document.troubles).toEqual([]);
    document.close();
  });

  it("keeps a refused command until the person gives it up", async () => {
    const server = new Server();
    const storage = new MemoryStorage();
    const document = open(server, storage);
    await document.poll();
    add(document, "mark-0001", "bad");
    add(document, "mark-0002");
    await settled();
    expect([...document.marks.keys()]).toEqual(["mark-0002"]);
    const [trouble] = document.troubles;
    expect(trouble?.failure).toBe("refused");
    expect(storage.length).toBe(1);
    if (trouble) document.giveUp(trouble);
    expect(storage.length).toBe(0);
    document.close();
  });

  it("takes back before it is sent what waits, and does it again", async () => {
    const server = new Server();
    const document = open(server);
    await document.poll();
    server.reachable = false;
    add(document, "mark-0001");
    add(document, "mark-0002");
    await settled();
    await document.undo();
    expect([...document.marks.keys()]).toEqual(["mark-0001"]);
    await document.redo();
    expect(document.marks.size).toBe(2);
    document.close();
  });

  it("sees what others did, and what they removed", async () => {
    const server = new Server();
    const document = open(server);
    await document.poll();
    server.apply({ id: "h1", label: "add", changes: [{ op: "add", annotation: addition("mark-0009") }] }, SHE);
    add(document, "mark-0001");
    await settled();
    await document.poll();
    expect([...document.marks.keys()].sort()).toEqual(["mark-0001", "mark-0009"]);
    server.apply({ id: "h2", label: "remove", changes: [{ op: "remove", id: "mark-0009", version: 1 }] }, SHE);
    await document.poll();
    expect([...document.marks.keys()]).toEqual(["mark-0001"]);
    document.close();
  });

  it("knows what the browser could not keep", async () => {
    const server = new Server();
    server.reachable = false;
    const storage = new MemoryStorage();
    storage.room = 20;
    const document = open(server, storage);
    add(document, "mark-0001");
    await settled();
    expect(document.isUnkept).toBe(true);
    expect(document.marks.size).toBe(1);
    document.close();
  });
});

describe("what is typed into a mark", () => {
  const begun = async (typed = new TypedTexts()) => {
    const server = new Server();
    server.apply({ id: "h1", label: "add", changes: [{ op: "add", annotation: addition("mark-0001", "old") }] }, SHE);
    const document = open(server, new MemoryStorage(), typed);
    await document.poll();
    const mark = () => document.marks.get("mark-0001") as Mark;
    const she = async (patch: Partial<MarkContent>) => {
      server.apply({ id: newId(), label: "change", changes: [{ op: "change", id: "mark-0001", version: mark().version, ...patch }] }, SHE);
      await document.poll();
    };
    const type = (text: string) => { typed.type(mark(), "note", text); };
    const found = () => typed.find("mark-0001", "note");
    return { server, document, typed, mark, she, type, found };
  };

  it("stays when somebody else changes the same field, and is saved over that by who says so", async () => {
    const { server, document, mark, she, type, found } = await begun();
    type("min");
    type("mine");
    await she({ note: "theirs" });
    expect([mark().note, mark().changed_by.name, found()?.text]).toEqual(["theirs", "Chan", "mine"]);
    expect(isOvertaken(found() ?? expect.fail(), mark())).toBe(true);
    type("mine, longer");
    expect(isOvertaken(found() ?? expect.fail(), mark())).toBe(true);
    document.change("mark-0001", patchOf("note", "mine, longer"));
    expect(found()).toBeNull();
    await settled();
    expect(document.troubles).toEqual([]);
    expect(server.marks.get("mark-0001")).toMatchObject({ note: "mine, longer", version: 3 });
    document.close();
  });

  it("is not in doubt when somebody changes another field, and theirs stays", async () => {
    const { server, document, mark, she, type, found } = await begun();
    type("mine");
    await she({ name: "new", class: "Tumor" });
    expect(isOvertaken(found() ?? expect.fail(), mark())).toBe(false);
    document.change("mark-0001", patchOf("note", "mine"));
    await settled();
    expect(server.marks.get("mark-0001")).toMatchObject({ note: "mine", name: "new", class: "Tumor" });
    document.close();
  });

  it("is forgotten once the mark says the same, whoever wrote it", async () => {
    const { document, typed, she, type, found } = await begun();
    let told = 0;
    typed.subscribe(() => told++);
    type("the same");
    await she({ note: "the same" });
    expect([found(), typed.size, told]).toEqual([null, 0, 2]);
    await she({ note: "later" });
    expect(found()).toBeNull();
    type("x");
    type("later");
    expect(typed.size).toBe(0);
    document.close();
  });

  it("outlives its document and its mark", async () => {
    const { server, document, typed, type } = await begun();
    type("mine");
    document.close();
    const second = open(server, new MemoryStorage(), typed);
    await second.poll();
    expect([second.typed.find("mark-0001", "note")?.text, typed.lost(second.marks)]).toEqual(["mine", []]);
    server.apply({ id: "h2", label: "remove", changes: [{ op: "remove", id: "mark-0001", version: 1 }] }, SHE);
    await second.poll();
    const lost = typed.lost(second.marks);
    expect(lost.map(({ field, text }) => [field, text])).toEqual([["note", "mine"]]);
    lost.forEach((one) => { typed.drop(one); });
    expect(typed.size).toBe(0);
    second.close();
  });

  it("of a class says none by null", () => {
    expect([patchOf("class", ""), patchOf("class", "Tumor"), patchOf("name", "")]).toEqual([{ class: null }, { class: "Tumor" }, { name: "" }]);
  });
});
