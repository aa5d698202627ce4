import { describe, expect, it } from "vitest";
import { cutRun, TileRuns, type Run } from "../src/viewer/tile_runs";

/** A server that names every tile, answers when told to, and remembers what it was asked. */
function server() {
  const asked: Run[] = [];
  const signals: AbortSignal[] = [];
  const answers: ((fails?: boolean) => void)[] = [];
  const runs = new TileRuns<string>((run, signal) => {
    asked.push(run);
    signals.push(signal);
    return new Promise((resolve, reject) => {
      answers.push((fails = false) => {
        const tiles = Array.from({ length: run.last - run.first + 1 }, (_, n) => `${run.level}/${run.first + n}/${run.y}`);
        if (fails) reject(new Error("refused"));
        else resolve(tiles);
      });
    });
  });
  const stop = new AbortController();
  const take = (x: number, y: number, signal = stop.signal, level = 3) => runs.take({ level, x, y }, signal);
  return { asked, signals, answers, take };
}

describe("tiles wanted in the same moment", () => {
  it("come in one request a row, and each goes to whom wanted it", async () => {
    const { asked, answers, take } = server();
    const tiles = [take(5, 1), take(4, 1), take(4, 2), take(6, 1), take(5, 2), take(5, 1)];
    await Promise.resolve();
    expect(asked).toEqual([
      { level: 3, y: 1, first: 4, last: 6 },
      { level: 3, y: 2, first: 4, last: 5 },
    ]);
    for (const answer of answers) answer();
    expect(await Promise.all(tiles)).toEqual(["3/5/1", "3/4/1", "3/4/2", "3/6/1", "3/5/2", "3/5/1"]);
  });

  it("are not asked for where a gap, another level or another moment parts them", async () => {
    const { asked, take } = server();
    const lone = [take(1, 1), take(3, 1), take(2, 1, undefined, 2)];
    expect(await Promise.all(lone)).toEqual([undefined, undefined, undefined]);
    expect(await take(2, 1)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("make runs of a bounded length", async () => {
    const { asked, take } = server();
    for (let x = 0; x < 70; x++) void take(x, 0);
    await Promise.resolve();
    expect(asked.map(({ first, last }) => [first, last])).toEqual([[0, 31], [32, 63], [64, 69]]);
  });

  it("are given up when nobody waits for any of them", async () => {
    const { signals, take } = server();
    const [one, other] = [new AbortController(), new AbortController()];
    void take(1, 1, one.signal);
    void take(2, 1, other.signal);
    await Promise.resolve();
    one.abort();
    expect(signals[0]?.aborted).toBe(false);
    other.abort();
    expect(signals[0]?.aborted).toBe(true);
  });

  it("all hear of a run that fails", async () => {
    const { answers, take } = server();
    const tiles = [take(1, 1), take(2, 1)];
    await Promise.resolve();
    answers[0]?.(true);
    const heard = await Promise.allSettled(tiles);
    expect(heard.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("the answer to a run", () => {
  const body = new Blob(["aaabb"]);
  const texts = (tiles: (Blob | null)[]) => Promise.all(tiles.map((tile) => tile?.text()));

  it("is cut into its tiles, of which some are not there", async () => {
    expect(await texts(cutRun({ first: 4, last: 6 }, "3,0,2", body))).toEqual(["aaa", undefined, "bb"]);
  });

  it("is not taken for tiles where the lengths do not fit it", () => {
    for (const lengths of [null, "", "5", "3,0", "3,0,3", "3,,2"]) expect(() => cutRun({ first: 4, last: 6 }, lengths, body)).toThrow();
  });
});
