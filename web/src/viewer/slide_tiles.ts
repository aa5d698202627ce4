/** The tiles that are shown of a slide: of which plane and channels, mixed by whom, how sharp they are, and how many are kept. */
import type OpenSeadragon from "openseadragon";
import type { Opening } from "../api/types";
import { MOST_MIXED } from "./channel_mixer";
import { compositeAddress, soloed, type ChannelSetting } from "./channels";
import { LoadPolicy } from "./load_policy";
import type { Plane } from "./planes";
import { coarsestFirst, minPixelRatio } from "./pyramid";
import { bytesPerSample, sampleTypeOf } from "./sample_tile";
import { SlideTileSource } from "./tile_source";

export type DrawerName = "webgl2" | "canvas";

/**
 * Where channels are mixed: in the browser from raw samples, or by the server, which sends a lossy picture of the mix.
 * The server does it where the browser cannot, and to spare a slow line; `why` says which.
 */
export interface Mixing {
  by: "browser" | "server";
  why: "able" | "chosen" | "drawer" | "samples" | "many";
}

export interface TileOptions {
  opening: Opening;
  plane: Plane;
  channels: ChannelSetting[];
  /** The number of the one channel to show, whatever is on; null for all that are. */
  solo: number | null;
  /** Whether the server mixes channels even where the browser could. */
  sparing: boolean;
  /** Whether tiles come at half their resolution first (`setThrift`). */
  thrift: boolean;
  renew: () => Promise<Opening>;
}

/** Who is told of them. */
interface Told {
  /** The first image is there. */
  first: () => void;
  sharp: (sharp: boolean) => void;
  failed: (count: number) => void;
  mixing: (mixing: Mixing) => void;
}

const REMIX_AFTER_MS = 150;
/** What fills a large screen; tiles that are being drawn are kept anyway. */
const FEWEST_SAMPLE_TILES = 24;
const CACHE_BYTES = 320 * 1024 * 1024;

export class SlideTiles {
  private readonly opening: Opening;
  private plane: Plane;
  private thrift: boolean;
  private toldSharp = false;
  private channels: ChannelSetting[];
  private solo: number | null;
  private sparing: boolean;
  /** Until the server is asked for another mix. */
  private remix: ReturnType<typeof setTimeout> | undefined;
  private destroyed = false;
  private current: OpenSeadragon.TiledImage | null = null;
  private source: SlideTileSource | null = null;
  private readonly policy: LoadPolicy;

  constructor(
    private readonly viewer: OpenSeadragon.Viewer,
    private readonly drawer: DrawerName,
    private readonly options: TileOptions,
    private readonly told: Told,
  ) {
    this.opening = options.opening;
    this.plane = options.plane;
    this.thrift = options.thrift;
    this.channels = options.channels;
    this.solo = options.solo;
    this.sparing = options.sparing;
    this.policy = new LoadPolicy(viewer, minPixelRatio(options.opening.levels), () => { this.tellSharp(); });
    this.addImage();
  }

  destroy(): void {
    this.destroyed = true;
    clearTimeout(this.remix);
    this.policy.destroy();
  }

  /** Whether there is an image by now. */
  get isThere(): boolean {
    return this.current !== null;
  }

  setPlane(plane: Plane): void {
    if (plane === this.plane) return;
    this.plane = plane;
    this.addImage();
  }

  /** Shows channels in another way; asks the server only for samples that no tile holds yet, or for mixes of its own. */
  setChannels(channels: ChannelSetting[], solo: number | null): void {
    this.channels = channels;
    this.solo = solo;
    if (this.mixing.by === "browser" && this.source?.sampled) {
      this.source.mix = soloed(channels, solo);
      if (!this.destroyed) this.viewer.forceRedraw();
      const held = new Set(this.source.sampled);
      if (this.neededChannels().every((number) => held.has(number))) return;
    }
    if (this.mixing.by === "browser") {
      this.addImage();
      return;
    }
    // A handle that is dragged asks for one mix and not for one at every step.
    clearTimeout(this.remix);
    this.told.sharp(false);
    this.remix = setTimeout(() => {
      this.addImage();
    }, REMIX_AFTER_MS);
  }

  /** Leaves mixing to the server, or takes it back. */
  setSparing(sparing: boolean): void {
    if (sparing === this.sparing) return;
    this.sparing = sparing;
    this.addImage();
  }

  /** Who mixes the channels. */
  get mixing(): Mixing {
    if (this.drawer !== "webgl2") return { by: "server", why: "drawer" };
    if (sampleTypeOf(this.opening.sample_type) === null) return { by: "server", why: "samples" };
    if (this.sparing) return { by: "server", why: "chosen" };
    if (this.neededChannels().length > MOST_MIXED) return { by: "server", why: "many" };
    return { by: "browser", why: "able" };
  }

  /** Whether everything on the screen has its full resolution. */
  get isSharp(): boolean {
    return (this.current?.getFullyLoaded() ?? false) && !this.policy.isSoft;
  }

  /** Whether nothing is on its way any more, to the screen or from the server. */
  get isSettled(): boolean {
    return this.remix === undefined && this.isSharp && !this.current?.needsDraw() && this.viewer.world.getItemCount() === 1;
  }

  /** Tells whether it is sharp, where that is news: a move may bring something on the screen that is there, but not at its full resolution. */
  tellSharp(): void {
    if (this.isSharp === this.toldSharp) return;
    this.toldSharp = !this.toldSharp;
    this.told.sharp(this.toldSharp);
  }

  /** On slow links tiles come at half their resolution while the view moves, and at all of it once it rests. */
  setThrift(thrift: boolean): void {
    this.thrift = thrift;
  }

  retryFailed(): void {
    this.source?.forgive();
    this.current?.reset();
    this.viewer.forceRedraw();
  }

  // --- inside ---------------------------------------------------------------------------------------------------

  /** Puts the image for the present plane and channels on top; the one before stays until the new one is whole. */
  private addImage(): void {
    clearTimeout(this.remix);
    this.remix = undefined;
    const channel = this.wantedChannel();
    const source = new SlideTileSource({
      opening: this.opening,
      plane: this.plane,
      channel,
      reduces: (level) => this.thrift && level > 0,
      sampleType: sampleTypeOf(this.opening.sample_type),
      renew: this.options.renew,
      report: ({ failed }) => {
        if (this.source === source) this.told.failed(failed);
      },
    });
    source.mix = soloed(this.channels, this.solo);
    this.boundMemory(typeof channel === "string" ? 0 : channel.length);
    if (this.opening.mode === "composite") this.told.mixing(this.mixing);
    this.viewer.addTiledImage({
      tileSource: source as unknown as string,
      success: (event) => {
        const image = (event as unknown as { item: OpenSeadragon.TiledImage }).item;
        if (this.destroyed) return;
        // Before the first there may be two: another plane was asked for meanwhile.
        const isFirst = this.current === null;
        this.current = image;
        this.source = source;
        this.policy.govern(image, source);
        if (isFirst) this.told.first();
        this.told.failed(source.failed);
        this.toldSharp = false;
        this.told.sharp(false);
        image.addHandler("fully-loaded-change", ({ fullyLoaded }) => {
          if (this.current !== image) return;
          this.tellSharp();
          if (fullyLoaded) this.dropOlder(image);
        });
      },
    });
  }

  /** What tiles are asked for: the picture as it is, a mix of the server's, or samples to be mixed here. */
  private wantedChannel(): string | number[] {
    if (this.opening.mode === "direct") return "0";
    if (this.mixing.by === "server") return compositeAddress(soloed(this.channels, this.solo));
    const needed = this.neededChannels();
    return needed.length > 0 ? needed : [0];
  }

  /** Those that are on, whether or not one is shown alone for now, and that one. */
  private neededChannels(): number[] {
    return this.channels.filter(({ visible, number }) => visible || number === this.solo).map(({ number }) => number);
  }

  /** Keeps as many tiles as `CACHE_BYTES` hold, here and on the graphics card; `layers` of samples, 0 for pictures. */
  private boundMemory(layers: number): void {
    const finest = coarsestFirst(this.opening.levels).at(-1);
    const type = sampleTypeOf(this.opening.sample_type);
    if (!finest) return;
    const bytes = layers === 0 || type === null ? 4 : layers * bytesPerSample(type);
    // The published types hide it; the version is pinned.
    const cache = this.viewer.tileCache as unknown as { _maxCacheItemCount: number };
    cache._maxCacheItemCount = Math.max(layers === 0 ? 64 : FEWEST_SAMPLE_TILES, Math.floor(CACHE_BYTES / (finest.tile_width_px * finest.tile_height_px * bytes * 2)));
  }

  private dropOlder(image: OpenSeadragon.TiledImage): void {
    const world = this.viewer.world;
    for (let i = world.getItemCount() - 1; i >= 0; i--) {
      const item = world.getItemAt(i);
      if (item !== image) world.removeItem(item);
    }
  }
}
