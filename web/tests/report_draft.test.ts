import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Draft, LONGEST_MS, PAUSE_MS, type Failure, type Saved } from "../src/capabilities/reports/draft";

type Save = (content: string, base: number | null) => Promise<Saved>;

/** A server that numbers what it takes, and says what it is told to instead. */
function server() {
  const taken: { content: string; base: number | null }[] = [];
  const failures: Failure[] = [];
  const waiting: boolean[] = [];
  const save: Save = (content, base) => {
    const failure = failures.shift();
    if (failure) return Promise.reject(new Error(failure));
    taken.push({ content, base });
    return Promise.resolve({ number: (base ?? 0) + 1, at: `time ${taken.length}` });
  };
  const draft = new Draft<string>({
    content: "",
    base: null,
    save,
    failureOf: (error) => (error as Error).message as Failure,
    onWaiting: (waits) => { waiting.push(waits); },
  });
  return { draft, taken, failures, waiting };
}

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

describe("a report that is written", () => {
  it("is saved after a pause, each time on top of the version before", async () => {
    const { draft, taken, waiting } = server();
    draft.change("a");
    await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
    draft.change("ab");
    expect([draft.state, taken.length]).toEqual(["waiting", 0]);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    draft.change("abc");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(taken).toEqual([
      { content: "ab", base: null },
      { content: "abc", base: 1 },
    ]);
    expect([draft.state, draft.base, draft.savedAt, draft.waits, waiting.at(-1)]).toEqual(["saved", 2, "time 2", false, false]);
  });

  it("is saved now and then though the writing never pauses", async () => {
    const { draft, taken } = server();
    for (let at = 0; at < LONGEST_MS + PAUSE_MS; at += 500) {
      draft.change(String(at));
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(taken.length).toBe(1);
  });

  it("goes on being written while it is sent, and the rest follows", async () => {
    const answers: (() => void)[] = [];
    const taken: string[] = [];
    const draft = new Draft<string>({
      content: "",
      base: 4,
      save: (content, base) =>
        new Promise((resolve) => {
          taken.push(content);
          answers.push(() => { resolve({ number: (base ?? 0) + 1, at: "" }); });
        }),
      failureOf: () => "refused",
    });
    draft.change("a");
    const done = draft.flush();
    draft.change("ab");
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(taken).toEqual(["a"]);
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    answers[1]?.();
    expect([await done, taken, draft.base]).toEqual([true, ["a", "ab"], 6]);
  });

  it("waits without a connection, is tried again less and less often, and loses nothing", async () => {
    const { draft, taken, failures } = server();
    failures.push("silent", "silent");
    draft.change("a");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect([draft.state, draft.waits]).toEqual(["unreached", true]);
    await vi.advanceTimersByTimeAsync(2000);
    expect([draft.state, taken.length]).toEqual(["unreached", 0]);
    await vi.advanceTimersByTimeAsync(4000);
    expect([draft.state, taken]).toEqual(["saved", [{ content: "a", base: null }]]);
  });

  it("is not sent for somebody who is gone, and is when they are back", async () => {
    const { draft, taken } = server();
    draft.change("a");
    draft.pause();
    await vi.advanceTimersByTimeAsync(LONGEST_MS * 2);
    expect([taken, draft.waits]).toEqual([[], true]);
    expect(await draft.flush()).toBe(true);
    draft.pause();
    draft.change("ab");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(taken.map(({ content }) => content)).toEqual(["a", "ab"]);
  });
});

describe("a report that somebody else changed meanwhile", () => {
  it("keeps both until a person decides, and what is written in between", async () => {
    const { draft, taken, failures } = server();
    failures.push("changed");
    draft.change("mine");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(draft.state).toBe("changed");
    draft.change("mine and more");
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect([draft.state, taken]).toEqual(["changed", []]);
    expect(await draft.flush()).toBe(false);
    await draft.keepMine(7);
    expect(taken).toEqual([{ content: "mine and more", base: 7 }]);
    expect([draft.state, draft.base]).toEqual(["saved", 8]);
  });

  it("becomes theirs where the person says so", async () => {
    const { draft, taken, failures } = server();
    failures.push("changed");
    draft.change("mine");
    await draft.flush();
    draft.takeTheirs(7, "theirs");
    expect([draft.state, draft.content, draft.base, draft.waits]).toEqual(["saved", "theirs", 7, false]);
    draft.change("theirs, and mine");
    await draft.flush();
    expect(taken).toEqual([{ content: "theirs, and mine", base: 7 }]);
  });

  it("follows where nothing waits here, and does not where something does", async () => {
    const { draft } = server();
    draft.follow(3, "theirs");
    expect([draft.content, draft.base]).toEqual(["theirs", 3]);
    draft.change("mine");
    draft.follow(4, "theirs again");
    expect([draft.content, draft.base]).toEqual(["mine", 3]);
  });
});

describe("a report that the server does not take", () => {
  it("stays as it is, and is tried again with the next change", async () => {
    const { draft, taken, failures } = server();
    failures.push("refused");
    draft.change("far too long");
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect([draft.state, draft.content, (draft.error as Error).message]).toEqual(["refused", "far too long", "refused"]);
    draft.change("short");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect([draft.state, draft.error, taken.length]).toEqual(["saved", null, 1]);
  });
});
