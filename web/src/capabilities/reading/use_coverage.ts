/** What a reader saw of the slide on the screen: read from the server, marked while they look, told to the server. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Problem, UNREACHABLE } from "../../api/client";
import { readCoverage, tellSeen, tellSeenLeaving } from "../../api/reading";
import type { CoverageShown } from "../../api/types";
import { setQueued } from "../../shell/connection";
import { Coverage, unpackCells } from "../../viewer/coverage";
import { SeenQueue } from "../../viewer/seen_queue";
import type { SlideView } from "../../viewer/slide_view";
import { CoverageWatch } from "../../viewer/watch";
import { useMe } from "../access/me";

const TELL_AFTER_MS = 2000;
const TRY_AGAIN_MS = 10_000;
/** A message that the server takes at once, however long one read without a line. */
const MOST_RUNS_AT_ONCE = 3000;

/** A coverage that tells React when something was seen. */
export class LiveCoverage {
  version = 0;
  private readonly listeners = new Set<() => void>();

  constructor(readonly coverage: Coverage) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  tell(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}

export function coverageOf(shown: CoverageShown): Coverage {
  const cells = (text: string, columns: number, rows: number) => unpackCells(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)), columns * rows);
  const bands = shown.bands.map((band) => ({ ...band, seen: band.seen === null ? null : cells(band.seen, band.columns, band.rows) }));
  const tissue = shown.tissue && { ...shown.tissue, cells: cells(shown.tissue.cells, shown.tissue.columns, shown.tissue.rows) };
  return new Coverage(shown.width_px, shown.height_px, bands, tissue);
}

/** Of the slides on the screen, how to stop counting for a while. */
const pauses = new Map<string, () => Promise<() => void>>();

/**
 * Tells the server what was seen of a slide and counts no more, before something changes the grid that it is told in.
 * Gives the way to go on; a slide that is opened anew counts by itself.
 */
export async function pauseReading(id: string): Promise<() => void> {
  return (await pauses.get(id)?.()) ?? (() => undefined);
}

/** Null until the server told what was seen before. */
export function useCoverage(id: string, view: SlideView | null): LiveCoverage | null {
  const person = useMe().data?.person_id;
  const client = useQueryClient();
  const spacing = view?.opening.spacing_um?.x ?? null;
  const { data } = useQuery({
    queryKey: ["coverage", id, spacing],
    queryFn: ({ signal }) => readCoverage(id, signal),
    enabled: view !== null,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
  });
  const [live, setLive] = useState<LiveCoverage | null>(null);

  useEffect(() => {
    if (!data || !view || person === undefined) return;
    const queue = new SeenQueue(person, localStorage);
    const held = new LiveCoverage(coverageOf(data));
    held.coverage.add(queue.read(id));
    held.coverage.takeFresh();
    setLive(held);
    const teller = new Teller(queue, (image, problem) => {
      void client.invalidateQueries({ queryKey: ["progress"] });
      if (problem?.code === "grid-changed") void client.invalidateQueries({ queryKey: ["coverage", image] });
    });
    let paused = false;
    const watch = new CoverageWatch(view, held.coverage, () => {
      if (paused) return;
      queue.add(id, held.coverage.takeFresh());
      setQueued("seen", queue.images().length);
      held.tell();
      teller.soon(TELL_AFTER_MS);
    });
    const onLeave = () => {
      for (const image of queue.images()) tellSeenLeaving(image, queue.read(image));
    };
    const pause = async () => {
      paused = true;
      await teller.now();
      return () => { paused = false; };
    };
    pauses.set(id, pause);
    window.addEventListener("pagehide", onLeave);
    teller.soon(0);
    return () => {
      if (pauses.get(id) === pause) pauses.delete(id);
      window.removeEventListener("pagehide", onLeave);
      watch.destroy();
      teller.end();
      setLive(null);
    };
  }, [data, view, person, id, client]);

  useSyncExternalStore(live?.subscribe ?? noSubscription, () => live?.version ?? 0);
  return live;
}

const noSubscription = () => () => undefined;

/** Tells the server what waits, of every image; tries again until it knows. */
class Teller {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(
    private readonly queue: SeenQueue,
    private readonly onTold: (image: string, problem: Problem | null) => void,
  ) {}

  soon(after: number): void {
    this.timer ??= setTimeout(() => void this.tell(), after);
  }

  async now(): Promise<void> {
    clearTimeout(this.timer);
    await this.tell();
  }

  /** What still waits is told at once; if that fails, by the next slide that is opened. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    void this.tell();
  }

  private async tell(): Promise<void> {
    this.timer = undefined;
    for (const image of this.queue.images()) {
      const marks = this.queue.read(image).map((mark) => ({ ...mark, runs: mark.runs.slice(0, MOST_RUNS_AT_ONCE) }));
      const problem = await tellSeen(image, marks).then(
        () => null,
        (error: unknown) => (error instanceof Problem ? error : new Problem(UNREACHABLE, "unreachable", null)),
      );
      const waits = problem !== null && (problem.status === UNREACHABLE || problem.status >= 500 || problem.status === 429 || problem.status === 401);
      // What the server refuses for good, as of a slide that one may no longer see, would wait for ever.
      if (!waits) this.queue.drop(image, marks);
      if (!waits) this.onTold(image, problem);
    }
    const left = this.queue.images().length;
    setQueued("seen", left);
    if (left > 0 && !this.ended) this.soon(TRY_AGAIN_MS);
  }
}
