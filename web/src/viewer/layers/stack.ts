/** The layers over one slide: which are on, how they look, what is drawn of them now. Knows no framework. */
import { getJson, problemOf } from "../../api/client";
import type { LayerManifest, LayerPick, LayerSummary, Opening } from "../../api/types";
import type { SlideView } from "../slide_view";
import { paint2d } from "./canvas_painter";
import type { Frame, Painter } from "./frame";
import { isSeen } from "./frame";
import { GlPainter } from "./gl_painter";
import { HATCHED, LayerOnSlide, type LayerLook } from "./layer";
import type { Shown } from "./level";
import { rangeOf, type ColourRange } from "./range";

/** What the panel says of one layer. */
export interface LayerState {
  summary: LayerSummary;
  manifest: LayerManifest | null;
  on: boolean;
  look: LayerLook;
  shown: Shown;
  /** Cells of the classes that are on: on the whole slide, and in the field where single cells are drawn. */
  total: number;
  inField: number | null;
  loading: boolean;
  failed: number;
  range: ColourRange | null;
  /** Level-0 pixels along a bin of what is drawn. */
  pitch: number | null;
}

/** What is at the place that was asked for. */
export type Picked =
  | { layer: string; kind: "cell"; row: number; classIndex: number; values: (number | null)[]; x: number; y: number }
  | { layer: string; kind: "bin"; value: number }
  | { layer: string; kind: "abstained" };

export interface StackState {
  /** Null until the server told which there are. */
  layers: readonly LayerState[] | null;
  error: unknown;
  picked: readonly Picked[] | null;
  /** Whether a peek shows them that are off. */
  peeking: boolean;
}

const PICK_CSS_PX = 12;
const AT_ONCE = 6;
const TAP_MS = 250;
const FIRST_LOOK: LayerLook = { opacity: 0.8, hidden: new Set(), column: null };

declare global {
  interface Window {
    /** The layers over each slide on the screen, for tests and for people at the console. */
    hemalumLayers?: WeakMap<SlideView, LayerStack>;
  }
}

const stacks = (window.hemalumLayers ??= new WeakMap<SlideView, LayerStack>());

/** The layers over a slide on the screen; the same ones whoever asks. */
export function layersOf(view: SlideView): LayerStack {
  let stack = stacks.get(view);
  if (!stack) {
    stack = new LayerStack(view);
    stacks.set(view, stack);
  }
  return stack;
}

export class LayerStack implements Painter {
  private summaries: LayerSummary[] | null = null;
  private readonly layers = new Map<string, LayerOnSlide>();
  /** Layers to be on as soon as they are known. */
  private readonly wanted = new Set<string>();
  private error: unknown = null;
  private picked: readonly Picked[] | null = null;
  private peekedAt: number | null = null;
  private frame: Frame | null = null;
  private counted = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private state: StackState = { layers: null, error: null, picked: null, peeking: false };
  private readonly gl = new GlPainter();
  private ticket: string;
  private renewal: Promise<Opening> | null = null;
  private active = 0;
  private readonly waiting: (() => void)[] = [];
  private scheduled = false;

  constructor(private readonly view: SlideView) {
    this.ticket = view.opening.ticket;
    view.addPainter(this);
    view.on("rest", () => {
      this.count();
      this.tell();
    });
    view.on("press", (at) => {
      this.pick(at.x, at.y);
    });
    void this.list();
  }

  // --- telling -----------------------------------------------------------------------------------------------------

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): StackState => this.state;

  private tell(): void {
    this.state = {
      layers: this.summaries?.map((summary) => this.stateOf(summary)) ?? null,
      error: this.error,
      picked: this.picked,
      peeking: this.peekedAt !== null,
    };
    for (const listener of this.listeners) listener();
  }

  private stateOf(summary: LayerSummary): LayerState {
    const layer = this.layers.get(summary.id);
    const frame = this.frame;
    const shown = layer && frame ? layer.shown(frame) : summary.kind === "heatmap" ? "heatmap" : "density";
    const single = shown === "points" || shown === "outlines";
    return {
      summary,
      manifest: layer?.manifest ?? null,
      on: layer?.on ?? this.wanted.has(summary.id),
      look: layer?.look ?? FIRST_LOOK,
      shown,
      total: layer?.total ?? summary.count,
      inField: single ? (this.counted.get(summary.id) ?? null) : null,
      loading: layer?.isLoading ?? this.wanted.has(summary.id),
      failed: layer?.failed ?? 0,
      range: layer && frame ? rangeOf(layer, frame) : null,
      pitch: layer && frame && !single ? (layer.raster(frame)?.pitch_px ?? null) : null,
    };
  }

  // --- what there is -----------------------------------------------------------------------------------------------

  private get address(): string {
    return `/api/layers/images/${encodeURIComponent(this.view.opening.image_id)}`;
  }

  /** Asks the server which layers there are. */
  async list(): Promise<void> {
    try {
      this.summaries = await getJson<LayerSummary[]>(this.address);
      this.error = null;
    } catch (error) {
      this.error = error;
    }
    this.tell();
  }

  private async load(id: string): Promise<LayerOnSlide | null> {
    const known = this.layers.get(id);
    if (known) return known;
    try {
      const manifest = await getJson<LayerManifest>(`${this.address}/${id}`);
      const there = this.layers.get(id);
      if (there) return there;
      const layer = new LayerOnSlide(manifest, this.fetchPart, this.arrived, (tile) => { this.gl.release(tile); });
      this.layers.set(id, layer);
      this.error = null;
      return layer;
    } catch (error) {
      this.error = error;
      this.wanted.delete(id);
      this.tell();
      return null;
    }
  }

  private readonly arrived = (): void => {
    this.view.redraw();
    if (this.scheduled) return;
    this.scheduled = true;
    // Parts come in swarms; the panel need not hear of each.
    setTimeout(() => {
      this.scheduled = false;
      this.count();
      this.tell();
    }, 80);
  };

  private readonly fetchPart = async (layer: string, part: string, signal: AbortSignal): Promise<ArrayBuffer> => {
    if (this.active >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.active += 1;
    try {
      signal.throwIfAborted();
      let response = await fetch(`/layer-tiles/${this.ticket}/${layer}/${part}`, { signal, credentials: "same-origin" });
      if (response.status === 401) {
        await this.renewTicket();
        response = await fetch(`/layer-tiles/${this.ticket}/${layer}/${part}`, { signal, credentials: "same-origin" });
      }
      if (!response.ok) throw await problemOf(response);
      return await response.arrayBuffer();
    } finally {
      this.active -= 1;
      this.waiting.shift()?.();
    }
  };

  private async renewTicket(): Promise<void> {
    this.renewal ??= this.view.renew().finally(() => {
      this.renewal = null;
    });
    this.ticket = (await this.renewal).ticket;
  }

  // --- switching ---------------------------------------------------------------------------------------------------

  async setOn(id: string, on: boolean): Promise<void> {
    if (on) this.wanted.add(id);
    else this.wanted.delete(id);
    if (!this.layers.has(id)) this.tell();
    const layer = await this.load(id);
    if (!layer || this.wanted.has(id) !== on) return;
    // Two heatmaps at once cannot be read.
    if (on && layer.manifest.kind === "heatmap") {
      for (const other of this.layers.values()) if (other.manifest.kind === "heatmap") this.switchOff(other);
    }
    layer.on = on;
    this.refresh();
  }

  private switchOff(layer: LayerOnSlide): void {
    layer.on = false;
    this.wanted.delete(layer.id);
  }

  setLook(id: string, patch: Partial<LayerLook>): void {
    const layer = this.layers.get(id);
    if (!layer) return;
    layer.setLook({ ...layer.look, ...patch });
    this.refresh();
  }

  retry(id: string): void {
    this.layers.get(id)?.retry();
    this.refresh();
  }

  /** Shows all of a kind, or hides them when one is shown; of heatmaps, the first. */
  toggle(kind: "cells" | "heatmap"): void {
    const some = (this.summaries ?? []).filter((one) => (one.kind === "heatmap") === (kind === "heatmap"));
    const shown = some.filter((one) => this.wanted.has(one.id));
    const wanted = kind === "heatmap" ? some.slice(0, 1) : some;
    for (const one of shown.length > 0 ? shown : wanted) void this.setOn(one.id, shown.length === 0);
  }

  /** The key that peeks goes down: everything is shown until it is let go. */
  peek(): void {
    if (this.peekedAt !== null) return;
    if (this.isAnyOn) {
      // They are latched: the same key lets go of them.
      for (const layer of this.layers.values()) this.switchOff(layer);
      // Those on their way too.
      this.wanted.clear();
      this.peekedAt = Number.NEGATIVE_INFINITY;
    } else {
      this.peekedAt = performance.now();
      this.toggle("cells");
      this.toggle("heatmap");
    }
    this.refresh();
  }

  /** It goes up: a tap leaves shown what it showed. */
  endPeek(): void {
    if (this.peekedAt === null) return;
    const held = this.peekedAt > 0 && performance.now() - this.peekedAt > TAP_MS;
    this.peekedAt = null;
    if (held) for (const one of this.summaries ?? []) void this.setOn(one.id, false);
    this.refresh();
  }

  private get isAnyOn(): boolean {
    return this.wanted.size > 0;
  }

  private refresh(): void {
    this.picked = null;
    this.view.redraw();
    this.count();
    this.tell();
  }

  // --- drawing -----------------------------------------------------------------------------------------------------

  private onFrame(frame: Frame): LayerOnSlide[] {
    this.frame = frame;
    for (const layer of this.layers.values()) layer.want(frame);
    const on = [...this.layers.values()].filter((layer) => layer.on);
    // Values under cells: a raster over them would hide them.
    return on.sort((a, b) => Number(b.manifest.kind === "heatmap") - Number(a.manifest.kind === "heatmap"));
  }

  paintGl(gl: WebGL2RenderingContext, frame: Frame): void {
    this.gl.paint(gl, frame, this.onFrame(frame));
  }

  paint2d(context: CanvasRenderingContext2D, frame: Frame): void {
    paint2d(context, frame, this.onFrame(frame));
  }

  forgetGl(): void {
    this.gl.forget([...this.layers.values()]);
  }

  /** Counts the cells on the screen, where single ones are drawn and all of them are there. */
  private count(): void {
    this.counted = new Map();
    const frame = this.frame;
    if (!frame) return;
    for (const layer of this.layers.values()) {
      const shown = layer.shown(frame);
      if (!layer.on || (shown !== "points" && shown !== "outlines")) continue;
      const seen = seenIn(layer, frame);
      if (seen !== null) this.counted.set(layer.id, seen);
    }
  }

  // --- what is where -----------------------------------------------------------------------------------------------

  /** Looks what the layers that are on have at a place, in um. */
  pick(x_um: number, y_um: number): void {
    const frame = this.frame;
    if (!frame || !this.isAnyOn) return;
    const { x, y } = this.view.toPixels(x_um, y_um);
    const found: Picked[] = [];
    for (const layer of this.layers.values()) {
      if (!layer.on) continue;
      const one = pickIn(layer, frame, x, y);
      if (one) found.push(one);
    }
    this.picked = found;
    this.tell();
    for (const one of found) if (one.kind === "cell") void this.complete(one, found);
  }

  /** Asks for all values of a cell; the screen holds those of one column at most. */
  private async complete(cell: Picked & { kind: "cell" }, among: readonly Picked[]): Promise<void> {
    const columns = this.layers.get(cell.layer)?.manifest.columns ?? [];
    if (columns.length === 0) return;
    const query = new URLSearchParams({ x_px: String(cell.x), y_px: String(cell.y), reach_px: "1" });
    const answer = await getJson<LayerPick>(`${this.address}/${cell.layer}/pick?${query}`).catch(() => null);
    const found = answer?.cell;
    if (found?.row !== cell.row || this.picked !== among) return;
    const whole = { ...cell, values: columns.map((column) => found.values[column.name] ?? null) };
    this.picked = among.map((one) => (one === cell ? whole : one));
    this.tell();
  }

  /** Looks what there is in the middle of the view. */
  pickCentre(): void {
    const { x, y } = this.view.pose(true);
    this.pick(x, y);
  }
}

function seenIn(layer: LayerOnSlide, frame: Frame): number | null {
  const side = layer.manifest.tile_side_px;
  let seen = 0;
  for (const tile of layer.cellTilesIn(frame)) {
    const { points } = tile;
    if (!points) return null;
    for (let cell = 0; cell < points.count; cell++) {
      if (layer.look.hidden.has(points.classes[cell] ?? 0)) continue;
      const x = tile.left + (((points.x[cell] ?? 0) + 0.5) / 65536) * side;
      const y = tile.top + (((points.y[cell] ?? 0) + 0.5) / 65536) * side;
      if (isSeen(frame, x, y)) seen += 1;
    }
  }
  return seen;
}

function pickIn(layer: LayerOnSlide, frame: Frame, x: number, y: number): Picked | null {
  const shown = layer.shown(frame);
  if (shown === "density" || shown === "heatmap") {
    const value = layer.valueAt(frame, x, y);
    if (value === null || value < -2e38) return null;
    return value > HATCHED / 2 ? { layer: layer.id, kind: "abstained" } : { layer: layer.id, kind: "bin", value };
  }
  const found = layer.cellAt(frame, x, y, (PICK_CSS_PX * frame.ratio) / frame.scale);
  if (!found?.tile.points) return null;
  const { tile, cell } = found;
  const { points } = found.tile;
  const side = layer.manifest.tile_side_px;
  return {
    layer: layer.id,
    kind: "cell",
    row: points.rows[cell] ?? 0,
    classIndex: points.classes[cell] ?? 0,
    values: layer.manifest.columns.map((_, column) => {
      const value = tile.columns.get(column)?.[cell];
      return value === undefined || Number.isNaN(value) ? null : value;
    }),
    x: tile.left + (((points.x[cell] ?? 0) + 0.5) / 65536) * side,
    y: tile.top + (((points.y[cell] ?? 0) + 0.5) / 65536) * side,
  };
}
