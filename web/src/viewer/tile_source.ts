/** Brings tiles of one opening to OpenSeadragon: addresses, geometry, renewal, retries, failure drawn as hatching. */
import OpenSeadragon from "openseadragon";
import type { Level, Opening } from "../api/types";
import type { TilePlace } from "./field_tiles";
import type { ChannelSetting } from "./channels";
import type { Plane } from "./planes";
import { coarsestFirst, gridOf, pictureSize, tileAddress, tileAt, tileEdges } from "./pyramid";
import { SAMPLES_WANTED, SampleTile, type SampleType } from "./sample_tile";
import { cutRun, TileRuns, type Run } from "./tile_runs";
import { TileShelf } from "./tile_shelf";

/** A download job as OpenSeadragon hands it over. */
interface Job {
  tile: { level: number; x: number; y: number };
  userData: { stop?: AbortController };
  finish(data: unknown, request: null, dataType: string): void;
  fail(message: string, request: null): void;
}

export interface TileReport {
  /** Tiles that could not be had and are drawn hatched. */
  failed: number;
}

export interface TileSourceOptions {
  opening: Opening;
  plane: Plane;
  /** "0" or the composite address of a picture, or the channels whose samples are to be mixed here. */
  channel: string | readonly number[];
  sampleType: SampleType | null;
  /** Whether tiles of a level come at half their resolution first. */
  reduces: (level: number) => boolean;
  /** Opens the image again after the ticket ran out. */
  renew: () => Promise<Opening>;
  report: (state: TileReport) => void;
}

const RETRY_AFTER_MS = [300, 1200] as const;
const SHELF_BYTES = 32 * 1024 * 1024;
const SHELF_TILES = 256;
const REDUCED = "reduced=1";
/** A large screen full of tiles, which are a request a row. */
const RUNS_AT_ONCE = 96;
/** What has to be made for each request must not pile up at the server. */
const TILES_AT_ONCE = 12;
/** What the drawer gets: a picture, or samples. */
export const PICTURE = "imageBitmap";
export const SAMPLES = "hemalum-samples";
type Content = Blob | SampleTile | null;
const keyOf = ({ level, x, y }: TilePlace) => `${level}/${x}/${y}`;

class Refused extends Error {
  constructor(readonly status: number) {
    super(`The server answered ${status}.`);
  }
}

export class SlideTileSource extends OpenSeadragon.TileSource {
  private readonly ordered: Level[];
  private readonly finest: Level;
  private opening: Opening;
  private renewal: Promise<Opening> | null = null;
  private readonly failures = new Set<string>();
  private readonly underway = new Set<string>();
  /** What came at half its resolution. */
  private readonly thin = new WeakSet<Blob | SampleTile>();
  /** Tiles that are held at half their resolution, by what they are cached under. */
  readonly halved = new Map<string, { tile: OpenSeadragon.Tile; place: TilePlace }>();
  /** Tiles fetched ahead of need. */
  readonly shelf = new TileShelf<TilePlace, Content>(keyOf, (tile, signal) => this.fetchOnce(tile, signal), SHELF_BYTES, SHELF_TILES);
  private readonly runs = new TileRuns((run, signal) => this.fetchRun(run, signal));
  private readonly settings: TileSourceOptions;
  /** How samples are mixed; changing it needs no tile anew. */
  mix: readonly ChannelSetting[] = [];

  constructor(settings: TileSourceOptions) {
    const ordered = coarsestFirst(settings.opening.levels);
    const finest = ordered.at(-1);
    if (!finest) throw new Error("An opening without levels cannot be shown.");
    super({
      width: finest.width_px,
      height: finest.height_px,
      tileWidth: finest.tile_width_px,
      tileHeight: finest.tile_height_px,
      minLevel: 0,
      maxLevel: ordered.length - 1,
    });
    this.ordered = ordered;
    this.finest = finest;
    this.opening = settings.opening;
    this.settings = settings;
  }

  levelAt(level: number): Level {
    return this.ordered[level] ?? this.finest;
  }

  /** The channels whose samples its tiles hold; null where they are pictures. */
  get sampled(): readonly number[] | null {
    const { channel } = this.settings;
    return typeof channel === "string" ? null : channel;
  }

  get failed(): number {
    return this.failures.size;
  }

  /** Forgets failures, before tiles are asked for again. */
  forgive(): void {
    this.failures.clear();
    this.tell();
  }

  /** Whether the tile is on its way to the screen. */
  isLoading(level: number, x: number, y: number): boolean {
    return this.underway.has(keyOf({ level, x, y }));
  }

  override getTileWidth(level: number): number {
    return this.levelAt(level).tile_width_px;
  }

  override getTileHeight(level: number): number {
    return this.levelAt(level).tile_height_px;
  }

  override getLevelScale(level: number): number {
    return 1 / this.levelAt(level).downsample;
  }

  override getNumTiles(level: number): OpenSeadragon.Point {
    const { columns, rows } = gridOf(this.levelAt(level));
    return new OpenSeadragon.Point(columns, rows);
  }

  override getTileAtPoint(level: number, point: OpenSeadragon.Point): OpenSeadragon.Tile {
    const { column, row } = tileAt(this.levelAt(level), point.x * this.finest.width_px, point.y * this.finest.width_px);
    // The published type says Tile; the library means, and itself returns, a Point.
    return new OpenSeadragon.Point(column, row) as unknown as OpenSeadragon.Tile;
  }

  override getTileBounds(level: number, x: number, y: number, isSource?: boolean): OpenSeadragon.Rect {
    const at = this.levelAt(level);
    if (isSource) {
      const { width, height } = pictureSize(at, x, y);
      return new OpenSeadragon.Rect(0, 0, width, height);
    }
    const edges = tileEdges(at, x, y);
    const unit = 1 / this.finest.width_px;
    return new OpenSeadragon.Rect(
      edges.left * unit,
      edges.top * unit,
      (edges.right - edges.left) * unit,
      (edges.bottom - edges.top) * unit,
    );
  }

  override getTileUrl(level: number, x: number, y: number): string {
    const { channel } = this.settings;
    return this.addressOf({ level, x, y }, typeof channel === "string" ? channel : String(channel[0]));
  }

  private addressOf({ level, x, y }: TilePlace, channel: string): string {
    return tileAddress(this.opening.tile_url, this.levelAt(level), this.settings.plane, channel, x, y);
  }

  /** Without the ticket, so that a renewed one finds what is cached. */
  override getTileHashKey(level: number, x: number, y: number): string {
    const { plane, channel, opening } = this.settings;
    const named = typeof channel === "string" ? channel : `samples ${channel.join(",")}`;
    return `${opening.image_id}/${level}/${plane}/${named}/${y}/${x}`;
  }

  override hasTransparency(): boolean {
    return false;
  }

  override downloadTileStart(context: OpenSeadragon.ImageJob): void {
    const job = context as unknown as Job;
    const stop = new AbortController();
    job.userData.stop = stop;
    this.load(job.tile as OpenSeadragon.Tile, stop.signal).then(
      (drawn) => {
        job.finish(drawn, null, drawn instanceof SampleTile ? SAMPLES : PICTURE);
      },
      () => {
        job.fail("The tile was not needed any more.", null);
      },
    );
  }

  override downloadTileAbort(context: OpenSeadragon.ImageJob): void {
    (context as unknown as Job).userData.stop?.abort();
  }

  /** Brings full resolution to a tile that is held at half of it. */
  async sharpen(key: string, signal: AbortSignal): Promise<void> {
    const held = this.halved.get(key);
    if (!held) return;
    const { tile, place } = held;
    const content = await this.fetchTile(place, signal, true);
    const drawn = content instanceof SampleTile ? content : await this.pictured(content, place);
    if (signal.aborted || this.halved.get(key) !== held) {
      if (drawn instanceof ImageBitmap) drawn.close();
      return;
    }
    this.halved.delete(key);
    await tile.getCache(tile.cacheKey)?.setDataAs(drawn, drawn instanceof SampleTile ? SAMPLES : PICTURE);
  }

  private async pictured(blob: Blob | null, { level, x, y }: TilePlace): Promise<ImageBitmap> {
    const { width, height } = pictureSize(this.levelAt(level), x, y);
    if (!blob) return this.blank(width, height);
    if (!this.thin.has(blob)) return createImageBitmap(blob, 0, 0, width, height, { colorSpaceConversion: "none" });
    const stretched = { colorSpaceConversion: "none", resizeWidth: width, resizeHeight: height, resizeQuality: "medium" } as const;
    return createImageBitmap(blob, 0, 0, Math.ceil(width / 2), Math.ceil(height / 2), stretched);
  }

  private async load(tile: OpenSeadragon.Tile, signal: AbortSignal): Promise<ImageBitmap | SampleTile> {
    const { level, x, y } = tile;
    const { width, height } = pictureSize(this.levelAt(level), x, y);
    const key = keyOf(tile);
    this.underway.add(key);
    try {
      const content = await this.fetchTile({ level, x, y }, signal);
      const drawn = content instanceof SampleTile ? content : await this.pictured(content, tile);
      const cached = this.getTileHashKey(level, x, y);
      if (content !== null && this.thin.has(content)) this.halved.set(cached, { tile, place: { level, x, y } });
      else this.halved.delete(cached);
      if (this.failures.delete(key)) this.tell();
      return drawn;
    } catch (error) {
      if (signal.aborted) throw error;
      this.failures.add(key);
      this.tell();
      return hatching(width, height);
    } finally {
      this.underway.delete(key);
    }
  }

  /** The tile encoded, null for a blank one, or its samples. */
  private async fetchOnce(tile: TilePlace, signal: AbortSignal, whole = false): Promise<Content> {
    const { channel, sampleType } = this.settings;
    const reduces = !whole && this.settings.reduces(tile.level);
    if (typeof channel === "string" || sampleType === null) {
      if (!whole && this.comesInRuns(tile.level)) {
        // What goes wrong with a run is found out tile by tile, but for a ticket that ran out.
        const content = await this.runs.take(tile, signal).catch((error: unknown) => {
          if (isExpired(error)) throw error;
          return undefined;
        });
        signal.throwIfAborted();
        if (content !== undefined) return content;
      }
      const response = await this.answer(asked(this.getTileUrl(tile.level, tile.x, tile.y), reduces), { signal });
      if (response.status === 204) return null;
      const blob = await response.blob();
      if (isThin(response)) this.thin.add(blob);
      return blob;
    }
    const level = this.levelAt(tile.level);
    const responses = await Promise.all(
      channel.map((number) => this.answer(asked(this.addressOf(tile, String(number)), reduces), { signal, headers: SAMPLES_WANTED })),
    );
    const bytes = await Promise.all(responses.map((response) => (response.status === 204 ? null : response.arrayBuffer())));
    const part = responses.some(isThin) ? 2 : 1;
    const sized = ({ width, height }: { width: number; height: number }) => ({ width: Math.ceil(width / part), height: Math.ceil(height / part) });
    const made = new SampleTile(sampleType, channel, bytes, sized({ width: level.tile_width_px, height: level.tile_height_px }), sized(pictureSize(level, tile.x, tile.y)));
    if (part > 1) this.thin.add(made);
    return made;
  }

  /** How many tiles of a level may be on their way. */
  atOnce(level: number): number {
    return this.comesInRuns(level) ? RUNS_AT_ONCE : TILES_AT_ONCE;
  }

  private comesInRuns(level: number): boolean {
    const { plane, reduces } = this.settings;
    return this.opening.mode === "direct" && typeof plane === "number" && this.levelAt(level).stored && !reduces(level);
  }

  private async fetchRun(run: Run, signal: AbortSignal): Promise<(Blob | null)[]> {
    const { level, y, first, last } = run;
    const { channel, plane } = this.settings;
    const address = tileAddress(this.opening.tile_url, this.levelAt(level), plane, String(channel), `${first}-${last}`, y);
    const response = await this.answer(address, { signal });
    return cutRun(run, response.headers.get("x-hemalum-lengths"), await response.blob());
  }

  private async answer(address: string, options: RequestInit): Promise<Response> {
    const response = await fetch(address, { ...options, credentials: "same-origin" });
    if (!response.ok) throw new Refused(response.status);
    return response;
  }

  /** The same with patience: a renewed ticket, and a few more tries. */
  private async fetchTile(tile: TilePlace, signal: AbortSignal, whole = false): Promise<Content> {
    const ahead = whole ? undefined : await this.shelf.take(keyOf(tile))?.catch(() => undefined);
    if (ahead !== undefined) return ahead;
    let renewed = false;
    for (let attempt = 0; ; ) {
      const { opening } = this;
      try {
        return await this.fetchOnce(tile, signal, whole);
      } catch (error) {
        if (signal.aborted) throw error;
        if (isExpired(error) && !renewed) {
          renewed = true;
          // Another tile may have renewed it while this one was on its way.
          if (opening === this.opening) await this.renewTicket();
          continue;
        }
        const pause = RETRY_AFTER_MS[attempt++];
        const hopeless = error instanceof Refused && error.status >= 400 && error.status < 500 && error.status !== 429;
        if (pause === undefined || hopeless) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /** One renewal serves all tiles that wait for it. */
  private async renewTicket(): Promise<void> {
    this.renewal ??= this.settings.renew().finally(() => {
      this.renewal = null;
    });
    this.opening = await this.renewal;
  }

  private blank(width: number, height: number): Promise<ImageBitmap> {
    return painted(width, height, (context) => {
      context.fillStyle = this.opening.brightfield ? "#ffffff" : "#000000";
      context.fillRect(0, 0, width, height);
    });
  }

  private tell(): void {
    this.settings.report({ failed: this.failures.size });
  }
}

const asked = (address: string, reduces: boolean) => (reduces ? `${address}${address.includes("?") ? "&" : "?"}${REDUCED}` : address);
const isExpired = (error: unknown) => error instanceof Refused && error.status === 401;
const isThin = (response: Response) => response.headers.has("x-hemalum-reduced");

function painted(width: number, height: number, paint: (context: OffscreenCanvasRenderingContext2D) => void): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) return Promise.reject(new Error("The browser gives no drawing surface."));
  paint(context);
  return createImageBitmap(canvas);
}

/** A tile that cannot be mistaken for tissue or glass. */
function hatching(width: number, height: number): Promise<ImageBitmap> {
  return painted(width, height, (context) => {
    context.fillStyle = "#6b6e70";
    context.fillRect(0, 0, width, height);
    context.strokeStyle = "#9a9d9f";
    context.lineWidth = 3;
    context.beginPath();
    for (let offset = -height; offset < width; offset += 16) {
      context.moveTo(offset, height);
      context.lineTo(offset + height, 0);
    }
    context.stroke();
  });
}
