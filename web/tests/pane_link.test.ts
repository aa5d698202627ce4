import { describe, expect, it } from "vitest";
import { apply } from "../src/viewer/annotate/matrix";
import type { Place } from "../src/viewer/annotate/mark";
import { lensOf, lookThrough, type Look } from "../src/viewer/compare/look";
import { affineMapping, chain, gridMapping, IDENTITY, inverseOf, type Mapping } from "../src/viewer/compare/mapping";
import { PaneLink } from "../src/viewer/compare/pane_link";
import type { ViewEvents } from "../src/viewer/slide_view";

class FakeView {
  private readonly listeners = new Map<string, Set<() => void>>();
  constructor(private at: Look) {}
  look = () => this.at;
  setLook = (look: Look) => {
    this.at = look;
    this.emit("move");
  };
  on = (event: keyof ViewEvents, listener: unknown) => {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener as () => void));
    return () => set.delete(listener as () => void);
  };
  emit(event: "move" | "rest") {
    for (const listener of this.listeners.get(event) ?? []) listener();
  }
}

const HERE: Look = { x: 100, y: 200, z: 0.5, r: 20, flip: false };
const TURNED: Mapping = affineMapping({ a: 0, b: 1, c: -1, d: 0, e: 700, f: -40 });
const STRETCHED: Mapping = affineMapping({ a: 1.02, b: 0.3, c: -0.28, d: 0.97, e: 12, f: 90 });
const MIRRORED: Mapping = affineMapping({ a: -1, b: 0.1, c: 0.1, d: 1, e: 5000, f: 3 });

/** Views under a link, of which the first leads unless `state` says another. */
function linkOf(looks: Look[], mappings: Mapping[] = [], options: { sameScale?: boolean; linked?: boolean } = {}) {
  const views = looks.map((look) => new FakeView(look));
  const state = { leads: 0, apart: false };
  const panes = views.map((view, pane) => ({ view, mapping: mappings[pane] ?? affineMapping(IDENTITY) }));
  const link = new PaneLink(panes, { leads: () => state.leads, apart: () => state.apart, linked: true, sameScale: false, ...options });
  return { views: views as [FakeView, FakeView, ...FakeView[]], state, link };
}

/** How far a place of the first slide and its counterpart are from each other on the screens of two panes. */
const apartOnScreen = (first: Look, place: Place, other: Look, mapping: Mapping) => {
  const [x, y] = apply(lensOf(first), place);
  const [u, v] = apply(lensOf(other), mapping.map(place));
  return Math.hypot(x - u, y - v);
};

describe("a look", () => {
  it("comes back from its lens, turned and mirrored", () => {
    for (const look of [HERE, { ...HERE, r: 217, flip: true }, { x: -4, y: 0, z: 30, r: 0, flip: true }]) {
      const back = lookThrough(lensOf(look), [look.x, look.y]);
      expect(back.flip).toBe(look.flip);
      for (const key of ["x", "y", "z"] as const) expect(back[key]).toBeCloseTo(look[key], 9);
      expect(Math.cos(((back.r - look.r) * Math.PI) / 180)).toBeCloseTo(1, 12);
    }
  });
});

describe("linked panes", () => {
  it("move the same way on the screen, however the slides are turned and zoomed", () => {
    const other = { x: -40, y: 7, z: 2, r: 290, flip: false };
    const { views } = linkOf([HERE, other]);
    const after = { ...HERE, x: 160, y: 170 };
    views[0].setLook(after);
    const moved = views[1].look();
    const lead = apply(lensOf(HERE), [after.x, after.y]);
    const followed = apply(lensOf(other), [moved.x, moved.y]);
    expect(followed[0]).toBeCloseTo(lead[0], 9);
    expect(followed[1]).toBeCloseTo(lead[1], 9);
    expect(moved.z).toBeCloseTo(2, 12);
  });

  it("do not drift: away, turned, mirrored and back is where one was", () => {
    const others = [{ x: 1, y: 2, z: 1.4, r: 80, flip: false }, { x: 7000, y: -3, z: 0.5, r: 5, flip: true }];
    const { views } = linkOf([HERE, ...others]);
    views[0].setLook({ x: 9000, y: -50, z: 0.1, r: 70, flip: true });
    expect(views[1].look().flip).toBe(true);
    expect(views[2]?.look().flip).toBe(false);
    views[0].setLook(HERE);
    others.forEach((other, at) => {
      const back = views[at + 1]?.look() ?? HERE;
      for (const key of ["x", "y", "z"] as const) expect(back[key]).toBeCloseTo(other[key], 6);
      expect(back.flip).toBe(other.flip);
    });
  });

  it("follow their mappings within a pixel, after turning by 37 degrees and mirroring, whichever leads", () => {
    const mappings = [affineMapping(IDENTITY), TURNED, STRETCHED, MIRRORED];
    const { views, state, link } = linkOf([HERE, HERE, HERE, HERE], mappings);
    link.align();
    for (const leads of [0, 1, 2, 3]) {
      state.leads = leads;
      const leader = views[leads] ?? views[0];
      leader.setLook({ ...leader.look(), x: 2000 + leads * 300, y: 1500, r: leader.look().r + 37, flip: !leader.look().flip });
      const [first, ...rest] = views.map((view) => view.look()) as [Look, ...Look[]];
      const middle: Place = [first.x, first.y];
      // Turns, mirrors and scale are followed all over the field; what is stretched only where one looks.
      const corner: Place = [first.x + 300 * first.z, first.y - 200 * first.z];
      rest.forEach((look, at) => {
        const mapping = mappings[at + 1] ?? TURNED;
        expect(apartOnScreen(first, middle, look, mapping)).toBeLessThan(1e-6);
        expect(apartOnScreen(first, corner, look, mapping)).toBeLessThan(mapping === STRETCHED ? 20 : 3);
      });
    }
    expect(link.isAnyMoved()).toBe(false);
  });

  it("keep one scale where that is wished, and still the middle in its place", () => {
    const mapping = affineMapping({ a: 1.1, b: 0, c: 0, d: 1.1, e: 50, f: 0 });
    const { views, link } = linkOf([HERE, { ...HERE, x: 0 }], [affineMapping(IDENTITY), mapping], { sameScale: true });
    link.align();
    views[0].setLook({ ...HERE, x: 20_000, z: 2 });
    expect(views[1].look()).toMatchObject({ z: 2, x: expect.closeTo(22_050, 6) as number });
  });

  it("are nudged by one pane alone, keep that, and can take it back", () => {
    const { views, state, link } = linkOf([HERE, HERE], [affineMapping(IDENTITY), TURNED]);
    link.align();
    const before = views[1].look();
    Object.assign(state, { leads: 1, apart: true });
    views[1].setLook({ ...before, x: before.x + 30 });
    expect(views[0].look()).toEqual(HERE);
    // The rest of the same move still is the nudge, when the key was let go already.
    state.apart = false;
    views[1].setLook({ ...before, x: before.x + 40 });
    expect(views[0].look()).toEqual(HERE);
    views[1].emit("rest");
    expect(link.isMoved(1)).toBe(true);
    // Held until after the pane came to rest, the key means nothing for the next move.
    state.apart = true;
    views[1].setLook({ ...before, x: before.x + 40 });
    views[1].emit("rest");
    state.apart = false;
    state.leads = 0;
    views[0].setLook({ ...HERE, x: 500 });
    views[0].setLook(HERE);
    expect(views[1].look().x).toBeCloseTo(before.x + 40, 6);
    link.align();
    expect(views[1].look().x).toBeCloseTo(before.x, 6);
    expect(link.isAnyMoved()).toBe(false);
  });

  it("go their own ways when they are not linked, and how they stand then is what a link would keep", () => {
    const { views, link } = linkOf([HERE, HERE], [], { linked: false, sameScale: true });
    views[0].setLook({ ...HERE, x: 900, z: 4 });
    expect(views[1].look()).toEqual({ ...HERE, z: 4 });
    expect(link.relation(1).map([900, 200])[0]).toBeCloseTo(100, 9);
  });
});

describe("mappings", () => {
  const grid = { columns: 3, rows: 2, x: 0, y: 0, dx: 1000, dy: 1000, values: new Float32Array([0, 0, 20, 10, 0, 0, 5, -30, 0, 0, 40, 0]) };
  const bent = gridMapping({ a: 0.9, b: 0.1, c: -0.1, d: 0.9, e: 30, f: 70 }, grid);

  it("bend linearly between the nodes of their grid, and beyond it as at its edge", () => {
    const plain = affineMapping({ a: 0.9, b: 0.1, c: -0.1, d: 0.9, e: 30, f: 70 });
    const bend = (place: Place) => bent.map(place).map((value, axis) => value - (plain.map(place)[axis] ?? 0));
    expect(bend([1000, 0])).toEqual([expect.closeTo(20, 6), expect.closeTo(10, 6)]);
    expect(bend([500, 500])).toEqual([expect.closeTo((0 + 20 + 5 + 0) / 4, 6), expect.closeTo((0 + 10 - 30 + 0) / 4, 6)]);
    expect(bend([-900, 5000])).toEqual([expect.closeTo(5, 6), expect.closeTo(-30, 6)]);
  });

  it("go back where they came from, alone and one after the other", () => {
    const both = chain(inverseOf(bent), chain(STRETCHED, bent));
    for (const place of [[10, 20], [1500, 300], [2500, 900], [-50, -60]] as Place[]) {
      for (const mapping of [bent, inverseOf(bent), both]) {
        const [x, y] = mapping.unmap(mapping.map(place));
        expect(Math.hypot(x - place[0], y - place[1])).toBeLessThan(0.01);
      }
      const near = bent.near(place);
      const beside: Place = [place[0] + 0.01, place[1] - 0.01];
      expect(apply(near, beside)[0]).toBeCloseTo(bent.map(beside)[0], 4);
    }
  });
});
