import { describe, expect, it } from "vitest";
import { chordOf, KeyBindings, spellChord } from "../src/viewer/bindings";
import { KEY_MAP } from "../src/viewer/keys";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {}, code = "") =>
  chordOf({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

const table = [
  { action: "walk", keys: "T" },
  { action: "back", keys: "Shift+T" },
  { action: "closer", keys: "+ =" },
  { action: "plain", keys: "" },
] as const;
const fresh = () => new KeyBindings<"walk" | "back" | "closer" | "plain">(table);

describe("chords", () => {
  it("are the same with and without capitals, and Shift counts where it makes no other character", () => {
    expect(press("t")).toBe("T");
    expect(press("T")).toBe("T");
    expect(press("T", { shiftKey: true })).toBe("Shift+T");
    expect(press("?", { shiftKey: true })).toBe("?");
    expect(press("ArrowLeft", { shiftKey: true })).toBe("Shift+ArrowLeft");
    expect(press("k", { metaKey: true })).toBe("Ctrl+K");
    expect(press(" ")).toBe("Space");
  });

  it("are heard through a Chinese input method", () => {
    expect(press("Process", {}, "KeyT")).toBe("T");
    expect(press("Process", {}, "Digit1")).toBeNull();
    expect(press("Shift", { shiftKey: true })).toBeNull();
  });

  it("are spelled for people", () => {
    expect(["Shift+ArrowLeft", "+", "Ctrl++", "PageDown", ""].map(spellChord)).toEqual(["Shift + ←", "+", "Ctrl + +", "PgDn", ""]);
  });
});

describe("key bindings", () => {
  it("give a key to one action only", () => {
    const bindings = fresh();
    bindings.bind("plain", "T");
    expect([bindings.actionOf("T"), bindings.chordsOf("walk")]).toEqual(["plain", []]);
    bindings.reset("walk");
    expect([bindings.actionOf("T"), bindings.chordsOf("plain")]).toEqual(["walk", []]);
  });

  it("come back as they were saved, and forget what is as usual", () => {
    const bindings = fresh();
    bindings.bind("walk", "G");
    bindings.bind("closer", "Ctrl++");
    const other = fresh();
    expect(other.load(JSON.parse(JSON.stringify(bindings.save())))).toBe(true);
    expect([other.actionOf("G"), other.actionOf("Ctrl++"), other.actionOf("=")]).toEqual(["walk", "closer", null]);
    other.bind("walk", "T");
    expect(Object.keys(other.save())).toEqual(["closer"]);
    other.reset();
    expect(other.save()).toEqual({});
  });

  it("leave out what makes no sense in a file", () => {
    const bindings = fresh();
    for (const bad of [null, [], "x", 3]) expect(bindings.load(bad)).toBe(false);
    expect(bindings.load({ walk: ["G"], unknown: ["X"], back: [3], closer: "Q", plain: Array(9).fill("A") })).toBe(false);
    expect(bindings.save()).toEqual({ walk: ["G"] });
  });

  it("give away nothing that means something of its own", () => {
    const bindings = new KeyBindings<"walk" | "back" | "closer" | "plain">(table, ["Enter", "T"]);
    expect([bindings.mayHave("back", ["Enter"]), bindings.mayHave("back", ["T"]), bindings.mayHave("walk", ["T"])]).toEqual([false, false, true]);
    expect(bindings.load({ back: ["Enter"] })).toBe(false);
    expect(bindings.save()).toEqual({});
  });

  it("tell who listens", () => {
    const bindings = fresh();
    let told = 0;
    const stop = bindings.subscribe(() => told++);
    bindings.bind("walk", "G");
    stop();
    bindings.reset();
    expect([told, bindings.version]).toEqual([1, 2]);
  });

  it("start without two actions on one key", () => {
    const chords = KEY_MAP.flatMap(({ keys }) => keys.split(" ").filter(Boolean));
    expect(new Set(chords).size).toBe(chords.length);
  });
});
