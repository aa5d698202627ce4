import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Coverage } from "../src/viewer/coverage";
import type { SlideView } from "../src/viewer/slide_view";
import { CoverageWatch } from "../src/viewer/watch";

const GRID = { objective: 10, downsample: 2, cell_px: 128, columns: 24, rows: 18, seen: null };

describe("what counts as seen", () => {
  const screen = { visibilityState: "visible" };
  beforeEach(() => {
    vi.useFakeTimers();
    screen.visibilityState = "visible";
    vi.stubGlobal("document", screen);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function set(sharp = true) {
    const state = { pose: { x: 750, y: 550, z: 1, r: 0 }, sharp: (sharp: boolean): unknown => sharp };
    const view = {
      opening: { spacing_um: { x: 0.5, y: 0.5 } },
      isSharp: sharp,
      fieldSize: { width: 400, height: 300 },
      pose: () => ({ ...state.pose }),
      on: (_: string, listener: (sharp: boolean) => void) => {
        state.sharp = listener;
        return () => undefined;
      },
      fieldCorners: () => {
        const { x, y, z } = state.pose;
        return [[-200, -150], [200, -150], [200, 150], [-200, 150]].map(([dx = 0, dy = 0]) => ({ x: x + dx * z, y: y + dy * z }));
      },
    };
    let marked = 0;
    const coverage = new Coverage(3000, 2200, [GRID], null);
    const watch = new CoverageWatch(view as unknown as SlideView, coverage, () => marked++, () => Date.now());
    return { state, coverage, watch, marked: () => marked };
  }

  it("is a sharp field at rest for a third of a second, once", () => {
    const { marked, coverage } = set();
    vi.advanceTimersByTime(300);
    expect(marked()).toBe(0);
    vi.advanceTimersByTime(300);
    expect(marked()).toBe(1);
    expect(coverage.isSeen(1500, 1100, 0)).toBe(true);
    vi.advanceTimersByTime(5000);
    expect(marked()).toBe(1);
  });

  it("is not what is still loading", () => {
    const { marked, state } = set(false);
    vi.advanceTimersByTime(3000);
    expect(marked()).toBe(0);
    state.sharp(true);
    vi.advanceTimersByTime(600);
    expect(marked()).toBe(1);
  });

  it("is what passes slowly, and not what flies by", () => {
    const fast = set();
    for (let step = 0; step < 30; step++) {
      fast.state.pose.x += 100;
      vi.advanceTimersByTime(100);
    }
    expect(fast.marked()).toBe(0);
    const slow = set();
    for (let step = 0; step < 30; step++) {
      slow.state.pose.x += 4;
      vi.advanceTimersByTime(100);
    }
    expect(slow.marked()).toBeGreaterThan(0);
  });

  it("is not what lies in a hidden window, or is far too small", () => {
    const hidden = set();
    screen.visibilityState = "hidden";
    vi.advanceTimersByTime(3000);
    expect(hidden.marked()).toBe(0);
    screen.visibilityState = "visible";
    const small = set();
    small.state.pose.z = 8;
    vi.advanceTimersByTime(3000);
    expect(small.marked()).toBe(0);
  });

  it("ends with its slide", () => {
    const { watch, marked } = set();
    watch.destroy();
    vi.advanceTimersByTime(3000);
    expect(marked()).toBe(0);
  });
});
