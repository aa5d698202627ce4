import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Dictator, joined } from "../src/capabilities/reports/dictation";

const recorder = () => ({ stop: vi.fn(async () => new Blob(["audio"])), drop: vi.fn() });

function made(send: (audio: Blob, signal: AbortSignal) => Promise<string>, record = async () => recorder()) {
  return new Dictator({ record, send, mostSeconds: 3 });
}

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

it("proposes what was understood, and gives it out once and for its field alone", async () => {
  const dictator = made(async () => " Adenocarcinoma. ");
  await dictator.toggle("section/diagnosis");
  expect(dictator.state()).toEqual({ step: "recording", field: "section/diagnosis", secondsLeft: 3 });
  await dictator.toggle("section/comment");
  expect(dictator.state()).toEqual({ step: "proposed", field: "section/diagnosis", text: "Adenocarcinoma." });
  expect(dictator.take("section/comment")).toBeNull();
  expect(dictator.take("section/diagnosis")).toBe("Adenocarcinoma.");
  expect(dictator.take("section/diagnosis")).toBeNull();
  expect(dictator.state()).toEqual({ step: "idle" });
});

it("stops by itself when the time is over", async () => {
  const send = vi.fn(async () => "text");
  const dictator = made(send);
  await dictator.toggle("section/comment");
  await vi.advanceTimersByTimeAsync(2000);
  expect(dictator.state()).toMatchObject({ step: "recording", secondsLeft: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(dictator.state()).toMatchObject({ step: "proposed", text: "text" });
  expect(send).toHaveBeenCalledOnce();
});

it("says that nothing was understood, and what failed", async () => {
  const silent = made(async () => "  ");
  await silent.toggle("a");
  await silent.stop();
  expect(silent.state()).toEqual({ step: "nothing", field: "a" });
  const error = new Error("down");
  const failing = made(async () => { throw error; });
  await failing.toggle("a");
  await failing.stop();
  expect(failing.state()).toEqual({ step: "failed", field: "a", error });
  const mute = made(async () => "", async () => { throw error; });
  await mute.toggle("a");
  expect(mute.state()).toEqual({ step: "failed", field: "a", error });
});

it("forgets what is dropped, though the text comes later", async () => {
  let answer: (text: string) => void = () => undefined;
  let signal: AbortSignal | undefined;
  const dictator = made((_, given) => {
    signal = given;
    return new Promise((done) => { answer = done; });
  });
  await dictator.toggle("a");
  const stopping = dictator.stop();
  await vi.advanceTimersByTimeAsync(0);
  dictator.drop();
  expect(signal?.aborted).toBe(true);
  answer("too late");
  await stopping;
  expect(dictator.state()).toEqual({ step: "idle" });
  const one = recorder();
  const other = made(async () => "", async () => one);
  await other.toggle("a");
  other.drop();
  expect(one.drop).toHaveBeenCalledOnce();
});

it("keeps nothing of what is cancelled, and says so where it was", async () => {
  const one = recorder();
  const send = vi.fn(async () => "text");
  const dictator = made(send, async () => one);
  expect(dictator.cancel()).toBe(false);
  await dictator.toggle("a");
  expect(dictator.cancel()).toBe(true);
  expect(dictator.state()).toEqual({ step: "cancelled", field: "a" });
  expect(one.drop).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(send).not.toHaveBeenCalled();
  expect(dictator.take("a")).toBeNull();
  expect(dictator.cancel()).toBe(false);
  // What is said next is a new recording.
  await dictator.toggle("a");
  await dictator.stop();
  expect(dictator.take("a")).toBe("text");
});

it("cancels what the speech model is listening to", async () => {
  let signal: AbortSignal | undefined;
  let answer: (text: string) => void = () => undefined;
  const dictator = made((_, given) => {
    signal = given;
    return new Promise((done) => { answer = done; });
  });
  await dictator.toggle("a");
  const stopping = dictator.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(dictator.cancel()).toBe(true);
  expect(signal?.aborted).toBe(true);
  answer("too late");
  await stopping;
  expect(dictator.state()).toEqual({ step: "cancelled", field: "a" });
});

it("lets go of a microphone that comes when nobody wants it any more", async () => {
  const one = recorder();
  let give: (value: ReturnType<typeof recorder>) => void = () => undefined;
  const dictator = made(async () => "", () => new Promise((done) => { give = done; }));
  const starting = dictator.toggle("a");
  dictator.drop();
  give(one);
  await starting;
  expect(one.drop).toHaveBeenCalledOnce();
  expect(dictator.state()).toEqual({ step: "idle" });
});

it("joins by a space in English and by nothing in Chinese, and keeps a line that was begun", () => {
  expect(joined("", "One.", "en")).toBe("One.");
  expect(joined("One.", "Two.", "en")).toBe("One. Two.");
  expect(joined("一。", "二。", "zh")).toBe("一。二。");
  expect(joined("One.\n", "Two.", "en")).toBe("One.\nTwo.");
});
