/** Slides that move together: what lies under the middle of one pane lies, or is held, under that of the others. */
import { apply, invert, multiply, type Matrix } from "../annotate/matrix";
import type { Place } from "../annotate/mark";
import type { SlideView } from "../slide_view";
import { lensOf, lookThrough, type Look } from "./look";
import { affineMapping, chain, IDENTITY, type Mapping } from "./mapping";

/** What is needed of a view. */
export type LinkedView = Pick<SlideView, "look" | "setLook" | "on">;

export interface LinkedPane {
  view: LinkedView;
  /** From um of the first pane's slide to um of this one's. */
  mapping: Mapping;
}

export interface LinkOptions {
  /** The pane that the person moves. */
  leads: () => number;
  /** While true that pane moves alone, and so changes how it lies to the others. */
  apart: () => boolean;
  linked: boolean;
  /** Every pane shows as many um in a pixel as the one that leads, whatever the mappings say of scale. */
  sameScale: boolean;
}

/** Below this a pane is called aligned: it comes from rounding in addresses. */
const SLACK_PX = 2;
const SLACK_DEGREES = 0.2;

export class PaneLink {
  /** What people did to each pane on top of its mapping, in um of its slide. */
  private moved: Matrix[];
  private nudging = false;
  private readonly stops: (() => void)[];
  private readonly listeners = new Set<() => void>();

  /** Panes keep how they lie to each other now. */
  constructor(
    private readonly panes: readonly LinkedPane[],
    private readonly options: LinkOptions,
  ) {
    this.moved = panes.map(() => IDENTITY);
    this.keep();
    this.stops = panes.flatMap(({ view }, pane) => [
      view.on("move", () => { this.notice(pane); }),
      view.on("rest", () => { this.nudging = false; }),
    ]);
  }

  /** From now on panes lie to each other as they do now. */
  keep(): void {
    this.stand();
    this.moved = this.moved.map((by, pane) => (this.isMoved(pane) ? by : IDENTITY));
    this.tell();
  }

  /** From um of the first pane's slide to um of this one's, with what people moved by hand. */
  relation(pane: number): Mapping {
    return chain(this.mappingOf(pane), affineMapping(this.moved[pane] ?? IDENTITY));
  }

  /** Whether a pane was moved by hand away from where its mapping puts it. */
  isMoved(pane: number): boolean {
    const by = this.moved[pane] ?? IDENTITY;
    const look = this.lookOf(pane);
    const [x, y] = apply(by, [look.x, look.y]);
    const turned = (Math.atan2(by.b, by.a) * 180) / Math.PI;
    return Math.hypot(x - look.x, y - look.y) > SLACK_PX * look.z || Math.abs(turned) > SLACK_DEGREES || by.a * by.d < by.b * by.c;
  }

  isAnyMoved(): boolean {
    return this.panes.some((_, pane) => this.isMoved(pane));
  }

  /** Forgets what was moved by hand, of all panes or of these, and puts them where the leading one is. */
  align(panes?: readonly number[]): void {
    const leader = this.options.leads();
    // Where the leading pane itself is new, the first one knows where to look.
    const stays = panes?.includes(leader) ? 0 : leader;
    this.moved = this.moved.map((by, pane) => (!panes || panes.includes(pane) ? IDENTITY : by));
    this.lead(stays);
    this.tell();
  }

  /** Tells when panes lie to each other in another way. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  destroy(): void {
    for (const stop of this.stops) stop();
    this.listeners.clear();
  }

  private mappingOf(pane: number): Mapping {
    return this.panes[pane]?.mapping ?? affineMapping(IDENTITY);
  }

  private lookOf(pane: number): Look {
    return this.panes[pane]?.view.look() ?? { x: 0, y: 0, z: 1, r: 0, flip: false };
  }

  private notice(pane: number): void {
    const { leads, apart, linked, sameScale } = this.options;
    if (pane !== leads()) return;
    this.nudging ||= apart();
    if (linked && !this.nudging) {
      this.lead(pane);
      return;
    }
    if (sameScale) this.keepScale(pane);
    this.stand();
    this.tell();
  }

  private keepScale(leader: number): void {
    const { z } = this.lookOf(leader);
    for (const { view } of this.panes) {
      const look = view.look();
      if (look.z !== z) view.setLook({ ...look, z });
    }
  }

  /** All others go where the leading pane is. */
  private lead(leader: number): void {
    const look = this.lookOf(leader);
    const own = this.relation(leader);
    const place = own.unmap([look.x, look.y]);
    const lens = multiply(lensOf(look), own.near(place));
    this.panes.forEach(({ view }, pane) => {
      if (pane === leader) return;
      const near = this.relation(pane).near(place);
      const next = lookThrough(multiply(lens, invert(near)), apply(near, place));
      view.setLook(this.options.sameScale ? { ...next, z: look.z } : next);
    });
  }

  /** Takes how the panes lie now as how they shall lie. */
  private stand(): void {
    const first = this.lookOf(0);
    const place: Place = [first.x, first.y];
    this.moved = this.panes.map(({ mapping }, pane) => {
      if (pane === 0) return IDENTITY;
      const look = this.lookOf(pane);
      const near = mapping.near(place);
      const due = lookThrough(multiply(lensOf(first), invert(near)), apply(near, place));
      return multiply(invert(lensOf(look)), lensOf(this.options.sameScale ? { ...due, z: look.z } : due));
    });
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
