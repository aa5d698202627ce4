/** One slide on the screen: where one looks, in um, and how to move there. Knows no framework. */
import OpenSeadragon from "openseadragon";
import type { Opening, Spacing } from "../api/types";
import type { Matrix } from "./annotate/matrix";
import type { Look } from "./compare/look";
import { CanvasOverlay } from "./layers/canvas_overlay";
import type { Painter } from "./layers/frame";
import { MOST_MIXED } from "./channel_mixer";
import { compositeAddress, soloed, type ChannelSetting } from "./channels";
import { CanvasSlideDrawer } from "./canvas_drawer";
import { hasGraphicsProcessor } from "./graphics";
import { LoadPolicy } from "./load_policy";
import type { Plane } from "./planes";
import { coarsestFirst, minPixelRatio, spacingOf } from "./pyramid";
import { bytesPerSample, sampleTypeOf } from "./sample_tile";
import { SlideTileSource } from "./tile_source";
import { UnscannedVeil, type Area } from "./unscanned_veil";
import { normaliseDegrees, uprightNear, type Pose } from "./view_state";
import { WebGLSlideDrawer, type ChannelCell } from "./webgl_drawer";

export type DrawerName = "webgl2" | "canvas";

/**
 * Where channels are mixed: in the browser from raw samples, or by the server, which sends a lossy picture of the mix.
 * The server does it where the browser cannot, and to spare a slow line; `why` says which.
 */
export interface Mixing {
  by: "browser" | "server";
  why: "able" | "chosen" | "drawer" | "samples" | "many";
}

export interface SlideViewOptions {
  opening: Opening;
  pose: Pose | null;
  flip: boolean;
  plane: Plane;
  channels: ChannelSetting[];
  /** The number of the one channel to show, whatever is on; null for all that are. */
  solo: number | null;
  /** Whether the server mixes channels even where the browser could. */
  sparing: boolean;
  /** With "auto" WebGL2, unless a picture is drawn sooner without it. */
  drawer: DrawerName | "auto";
  reducedMotion: boolean;
  wheel: Wheel;
  /** Whether tiles come at half their resolution first (`setThrift`). */
  thrift: boolean;
  renew: () => Promise<Opening>;
}

/** How the mouse wheel zooms. */
export interface Wheel {
  inverted: boolean;
  /** 1 is a third closer with every notch. */
  speed: number;
}

export interface Cursor {
  x: number;
  y: number;
}

export interface ViewEvents {
  /** Once, when the slide stands where it should. Before this, moves have no effect. */
  ready: () => void;
  /** On every frame in which the view moves. */
  move: (pose: Pose) => void;
  /** When the view comes to rest. */
  rest: (pose: Pose) => void;
  /** The pointer over the slide, in um; null when it left. */
  cursor: (cursor: Cursor | null) => void;
  /** Whether everything on the screen has its full resolution. */
  sharp: (sharp: boolean) => void;
  /** Number of tiles that could not be loaded. */
  failed: (count: number) => void;
  /** A gesture of the person, not a programmed move. */
  gesture: () => void;
  /** A short press on the slide, in um. */
  press: (at: Cursor) => void;
  /** Who mixes the channels from now on. */
  mixing: (mixing: Mixing) => void;
}

const ANIMATION_S = 0.22;
const FADE_S = 0.12;
const REMIX_AFTER_MS = 150;
const QUIET_FRAMES = 4;
/** What fills a large screen; tiles that are being drawn are kept anyway. */
const FEWEST_SAMPLE_TILES = 24;
const CACHE_BYTES = 320 * 1024 * 1024;
/** Screen pixels that one image pixel may cover. */
const MAX_PIXEL_ZOOM = 16;

export class SlideView {
  readonly opening: Opening;
  readonly drawer: DrawerName;
  /** Whether it was told where to look at first, and did not have to show the whole slide. */
  readonly placed: boolean;
  private readonly viewer: OpenSeadragon.Viewer;
  private readonly listeners = new Map<keyof ViewEvents, Set<(value: never) => void>>();
  private readonly um: { x: number; y: number };
  private readonly width: number;
  private readonly height: number;
  private plane: Plane;
  private thrift: boolean;
  private toldSharp = false;
  private channels: ChannelSetting[];
  private solo: number | null;
  private sparing: boolean;
  /** Until the server is asked for another mix. */
  private remix: ReturnType<typeof setTimeout> | undefined;
  private lastPose = "";
  private pointer: OpenSeadragon.Point | null = null;
  private wantedPose: Pose | null;
  private destroyed = false;
  private current: OpenSeadragon.TiledImage | null = null;
  private source: SlideTileSource | null = null;
  private readonly policy: LoadPolicy;
  private readonly resizeObserver: ResizeObserver;
  private unscanned: UnscannedVeil | null = null;
  /** How two fingers lie, and how far they have turned the slide before it snaps upright; null while they do not. */
  private fingers: { angle: number; turn: number } | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly options: SlideViewOptions,
  ) {
    const { opening } = options;
    const finest = coarsestFirst(opening.levels).at(-1);
    if (!finest) throw new Error("An opening without levels cannot be shown.");
    this.opening = opening;
    this.um = spacingOf(opening);
    this.width = finest.width_px;
    this.height = finest.height_px;
    this.plane = options.plane;
    this.thrift = options.thrift;
    this.channels = options.channels;
    this.solo = options.solo;
    this.sparing = options.sparing;
    this.wantedPose = options.pose;
    this.placed = options.pose !== null;
    this.viewer = OpenSeadragon({
      element,
      drawer: drawersFor(options) as unknown as string[],
      showNavigationControl: false,
      showNavigator: false,
      keyboardNavEnabled: false,
      animationTime: options.reducedMotion ? 0 : ANIMATION_S,
      springStiffness: 8,
      blendTime: options.reducedMotion ? 0 : FADE_S,
      minPixelRatio: minPixelRatio(opening.levels),
      maxZoomPixelRatio: MAX_PIXEL_ZOOM,
      minZoomImageRatio: 0.7,
      visibilityRatio: 0.3,
      constrainDuringPan: false,
      zoomPerScroll: zoomPerNotch(options.wheel),
      zoomPerClick: 2,
      // Done here instead (fitElement): the library keeps the field, readers expect the scale to stay.
      autoResize: false,
      timeout: 60_000,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true, flickEnabled: !options.reducedMotion },
      gestureSettingsTouch: { pinchRotate: true, clickToZoom: false, dblClickToZoom: true },
      gestureSettingsPen: { clickToZoom: false },
    } as OpenSeadragon.Options);
    this.drawer = this.viewer.drawer instanceof WebGLSlideDrawer ? "webgl2" : "canvas";
    // The region around the slide has the focus and the keys; OpenSeadragon's inner elements must not take them.
    this.viewer.canvas.removeAttribute("tabindex");
    this.viewer.container.removeAttribute("tabindex");
    this.policy = new LoadPolicy(this.viewer, minPixelRatio(opening.levels), () => { this.tellSharp(); });
    this.listen();
    this.addImage(null);
    this.resizeObserver = new ResizeObserver(() => {
      this.fitElement();
    });
    this.resizeObserver.observe(element);
  }

  on<K extends keyof ViewEvents>(event: K, listener: ViewEvents[K]): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set);
    set.add(listener as (value: never) => void);
    return () => set.delete(listener as (value: never) => void);
  }

  private emit<K extends keyof ViewEvents>(event: K, ...values: Parameters<ViewEvents[K]>): void {
    for (const listener of this.listeners.get(event) ?? []) (listener as (...v: unknown[]) => void)(...values);
  }

  // --- looking -------------------------------------------------------------------------------------------------

  /** Where the view is heading; with `now`, where it is in this frame. */
  pose(now = false): Pose {
    const viewport = this.viewer.viewport;
    const centre = viewport.getCenter(now);
    return {
      x: centre.x * this.width * this.um.x,
      y: centre.y * this.width * this.um.y,
      z: this.umPerUnit / (viewport.getZoom(now) * this.screenWidth),
      r: normaliseDegrees(viewport.getRotation(now)),
    };
  }

  /** Where it is in this frame, and whether it is mirrored. */
  look(): Look {
    return { ...this.pose(true), flip: this.flipped };
  }

  /** Looks there at once. */
  setLook({ flip, ...pose }: Look): void {
    if (this.destroyed) return;
    if (flip !== this.flipped) this.setFlip(flip);
    this.setPose(pose, true);
  }

  setPose(pose: Pose, immediately = false): void {
    const viewport = this.viewer.viewport;
    const { x, y } = this.toViewport(pose.x, pose.y);
    viewport.setRotation(shortestTurn(viewport.getRotation(), pose.r), immediately);
    viewport.zoomTo(this.umPerUnit / (pose.z * this.screenWidth), undefined, immediately);
    viewport.panTo(new OpenSeadragon.Point(x, y), immediately);
  }

  fit(immediately = false): void {
    this.viewer.viewport.goHome(immediately);
  }

  /** Changes um per CSS pixel, holding the point under the pointer, or the centre. */
  zoomTo(umPerPx: number): void {
    const zoom = this.umPerUnit / (umPerPx * this.screenWidth);
    this.viewer.viewport.zoomTo(zoom, this.pointerPoint());
    this.viewer.viewport.applyConstraints();
  }

  zoomBy(factor: number): void {
    this.viewer.viewport.zoomBy(factor, this.pointerPoint());
    this.viewer.viewport.applyConstraints();
  }

  /** Moves by a share of the field on the screen: 0.8 to the right leaves a fifth of the field to see again. */
  panBy(shareX: number, shareY: number): void {
    const viewport = this.viewer.viewport;
    const size = viewport.getContainerSize();
    const across = viewport.getFlip() ? -shareX : shareX;
    const delta = viewport.deltaPointsFromPixels(new OpenSeadragon.Point(size.x * across, size.y * shareY));
    viewport.panBy(delta);
    viewport.applyConstraints();
  }

  /** Moves by CSS pixels of the screen, at once: for keys that aim. */
  panByPixels(x: number, y: number): void {
    const viewport = this.viewer.viewport;
    const across = viewport.getFlip() ? -x : x;
    viewport.panBy(viewport.deltaPointsFromPixels(new OpenSeadragon.Point(across, y)), true);
    viewport.applyConstraints(true);
  }

  rotateBy(degrees: number): void {
    const viewport = this.viewer.viewport;
    viewport.setRotation(viewport.getRotation() + degrees);
  }

  setRotation(degrees: number): void {
    const viewport = this.viewer.viewport;
    viewport.setRotation(shortestTurn(viewport.getRotation(), degrees));
  }

  get flipped(): boolean {
    return this.viewer.viewport.getFlip();
  }

  setFlip(flip: boolean): void {
    this.viewer.viewport.setFlip(flip);
    this.viewer.forceRedraw();
    this.emitPose(true);
  }

  /** Corners of the field in um, clockwise from the top left of the screen. */
  fieldCorners(): Cursor[] {
    const size = this.viewer.viewport.getContainerSize();
    return [
      [0, 0],
      [size.x, 0],
      [size.x, size.y],
      [0, size.y],
    ].map(([x = 0, y = 0]) => this.toSlide(new OpenSeadragon.Point(x, y)));
  }

  get fieldSize(): { width: number; height: number } {
    const size = this.viewer.viewport.getContainerSize();
    return { width: size.x, height: size.y };
  }

  /** Maps pixels of level 0 to CSS pixels of the element: where the slide is in this frame, or where it is heading. */
  matrix(now = true): Matrix {
    const viewport = this.viewer.viewport;
    const { x: width, y: height } = viewport.getContainerSize();
    const centre = viewport.getCenter(now);
    const scale = (viewport.getZoom(now) * width) / this.width;
    const angle = (viewport.getRotation(now) * Math.PI) / 180;
    const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    const mirror = viewport.getFlip() ? -1 : 1;
    const [x, y] = [centre.x * this.width, centre.y * this.width];
    return {
      a: mirror * cos,
      b: sin,
      c: mirror * -sin,
      d: cos,
      e: width / 2 - mirror * (cos * x - sin * y),
      f: height / 2 - (sin * x + cos * y),
    };
  }

  /** Size of level 0 in pixels. */
  get size(): { width: number; height: number } {
    return { width: this.width, height: this.height };
  }

  /** um per pixel of level 0; 1 where the image has no physical scale. */
  get spacing(): Spacing {
    return this.um;
  }

  /** Size of the image in um. */
  get extent(): { width: number; height: number } {
    return { width: this.width * this.um.x, height: this.height * this.um.y };
  }

  /** A place in um as level-0 pixels. */
  toPixels(x: number, y: number): Cursor {
    return { x: x / this.um.x, y: y / this.um.y };
  }

  // --- layers ---------------------------------------------------------------------------------------------------

  /** Has something drawn over the slide in every frame, above or below whatever else is. */
  addPainter(painter: Painter, where: "above" | "below" = "above"): void {
    const drawer: unknown = this.viewer.drawer;
    if (drawer instanceof WebGLSlideDrawer) drawer.addPainter(painter, where);
    else new CanvasOverlay(this.viewer, painter, where);
    this.redraw();
  }

  /** Draws another frame although nothing moved. */
  redraw(): void {
    if (!this.destroyed) this.viewer.forceRedraw();
  }

  /** Opens the slide anew, when the ticket of its opening has run out. */
  renew(): Promise<Opening> {
    return this.options.renew();
  }

  // --- planes, channels, tiles ----------------------------------------------------------------------------------

  setPlane(plane: Plane): void {
    if (plane === this.plane) return;
    this.plane = plane;
    this.addImage(this.current);
  }

  /** Shows channels in another way; asks the server only for samples that no tile holds yet, or for mixes of its own. */
  setChannels(channels: ChannelSetting[], solo: number | null): void {
    this.channels = channels;
    this.solo = solo;
    if (this.mixing.by === "browser" && this.source?.sampled) {
      this.source.mix = soloed(channels, solo);
      this.redraw();
      const held = new Set(this.source.sampled);
      if (this.neededChannels().every((number) => held.has(number))) return;
    }
    if (this.mixing.by === "browser") {
      this.addImage(this.current);
      return;
    }
    // A handle that is dragged asks for one mix and not for one at every step.
    clearTimeout(this.remix);
    this.emit("sharp", false);
    this.remix = setTimeout(() => {
      this.addImage(this.current);
    }, REMIX_AFTER_MS);
  }

  /** Draws channels alone as well, on these canvases. */
  setCells(cells: readonly ChannelCell[]): void {
    const drawer: unknown = this.viewer.drawer;
    if (drawer instanceof WebGLSlideDrawer) drawer.cells = cells;
    this.redraw();
  }

  /** Leaves mixing to the server, or takes it back. */
  setSparing(sparing: boolean): void {
    if (sparing === this.sparing) return;
    this.sparing = sparing;
    this.addImage(this.current);
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

  /** On slow links tiles come at half their resolution while the view moves, and at all of it once it rests. */
  setThrift(thrift: boolean): void {
    this.thrift = thrift;
  }

  setWheel(wheel: Wheel): void {
    (this.viewer as unknown as { zoomPerScroll: number }).zoomPerScroll = zoomPerNotch(wheel);
  }

  retryFailed(): void {
    this.source?.forgive();
    this.current?.reset();
    this.viewer.forceRedraw();
  }

  /** Waits until the view rests and everything in it is drawn at full resolution. */
  whenSharp(): Promise<void> {
    return new Promise((resolve) => {
      let quiet = 0;
      const look = () => {
        const image = this.current;
        const still = this.remix === undefined && this.isSharp && !image?.needsDraw() && this.isStill();
        quiet = still && this.viewer.world.getItemCount() === 1 ? quiet + 1 : 0;
        // A move asked for in this frame shows in the library's state only after its own next frame.
        if (quiet >= QUIET_FRAMES || this.destroyed) resolve();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  }

  /** RGBA of a rectangle of the screen in device pixels, for tests and snapshots. */
  readPixels(x: number, y: number, width: number, height: number, withLayers = true): Uint8Array {
    const drawer: unknown = this.viewer.drawer;
    if (drawer instanceof WebGLSlideDrawer) return drawer.readPixels(x, y, width, height, withLayers);
    const context = (this.viewer.drawer.canvas as HTMLCanvasElement).getContext("2d");
    if (!context) throw new Error("The browser gives no drawing surface.");
    return new Uint8Array(context.getImageData(x, y, width, height).data.buffer);
  }

  /**
   * What the screen shows of the slide, without layers, around a place of the element, in device pixels, top row first, with the CSS place of its corner
   * and the device pixels in a CSS pixel. Null where nothing of it is on the screen.
   */
  pictureAround(x: number, y: number, size: number): { picture: { pixels: Uint8Array; width: number; height: number }; ratio: number; left: number; top: number } | null {
    const canvas = this.viewer.drawer.canvas as HTMLCanvasElement;
    const ratio = canvas.width / this.screenWidth;
    const [left, top] = [Math.max(0, Math.floor((x - size / 2) * ratio)), Math.max(0, Math.floor((y - size / 2) * ratio))];
    const [right, bottom] = [Math.min(canvas.width, Math.ceil((x + size / 2) * ratio)), Math.min(canvas.height, Math.ceil((y + size / 2) * ratio))];
    const [width, height] = [right - left, bottom - top];
    if (width <= 0 || height <= 0) return null;
    const read = this.readPixels(left, top, width, height, false);
    const pixels = this.drawer === "webgl2" ? upsideDown(read, width * 4) : read;
    return { picture: { pixels, width, height }, ratio, left: left / ratio, top: top / ratio };
  }

  /** Dots what is not scanned yet, given the areas that are; null when all of the slide is. */
  showScanned(areas: readonly Area[] | null): void {
    if (areas === null) {
      this.unscanned?.destroy();
      this.unscanned = null;
    } else if (this.unscanned) {
      this.unscanned.renew(areas);
    } else {
      this.unscanned = new UnscannedVeil(this.element, this, areas);
    }
  }

  destroy(): void {
    this.destroyed = true;
    this.unscanned?.destroy();
    clearTimeout(this.remix);
    this.resizeObserver.disconnect();
    this.policy.destroy();
    this.viewer.destroy();
    this.listeners.clear();
  }

  // --- inside ---------------------------------------------------------------------------------------------------

  private get screenWidth(): number {
    return this.viewer.viewport.getContainerSize().x;
  }

  /** um in one unit of OpenSeadragon, which is the width of the image. */
  private get umPerUnit(): number {
    return this.width * this.um.x;
  }

  private toViewport(x: number, y: number): { x: number; y: number } {
    return { x: x / this.um.x / this.width, y: y / this.um.y / this.width };
  }

  private toSlide(pixel: OpenSeadragon.Point): Cursor {
    const viewport = this.viewer.viewport;
    const size = viewport.getContainerSize();
    const seen = viewport.getFlip() ? new OpenSeadragon.Point(size.x - pixel.x, pixel.y) : pixel;
    const point = viewport.pointFromPixel(seen, true);
    return { x: point.x * this.width * this.um.x, y: point.y * this.width * this.um.y };
  }

  private pointerPoint(): OpenSeadragon.Point | undefined {
    if (!this.pointer) return undefined;
    const viewport = this.viewer.viewport;
    const size = viewport.getContainerSize();
    const seen = viewport.getFlip() ? new OpenSeadragon.Point(size.x - this.pointer.x, this.pointer.y) : this.pointer;
    return viewport.pointFromPixel(seen, true);
  }

  /** Puts the image for the present plane and channels on top; the one before stays until the new one is whole. */
  private addImage(before: OpenSeadragon.TiledImage | null): void {
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
        if (this.source === source) this.emit("failed", failed);
      },
    });
    source.mix = soloed(this.channels, this.solo);
    this.boundMemory(typeof channel === "string" ? 0 : channel.length);
    if (this.opening.mode === "composite") this.emit("mixing", this.mixing);
    this.viewer.addTiledImage({
      tileSource: source as unknown as string,
      success: (event) => {
        const image = (event as unknown as { item: OpenSeadragon.TiledImage }).item;
        if (this.destroyed) return;
        this.current = image;
        this.source = source;
        this.policy.govern(image, source);
        if (before === null) this.firstLook();
        this.emit("failed", source.failed);
        this.toldSharp = false;
        this.emit("sharp", false);
        image.addHandler("fully-loaded-change", ({ fullyLoaded }) => {
          if (this.current !== image) return;
          this.tellSharp();
          if (fullyLoaded) this.dropOlder(image);
        });
      },
    });
  }

  private tellSharp(): void {
    if (this.isSharp === this.toldSharp) return;
    this.toldSharp = !this.toldSharp;
    this.emit("sharp", this.toldSharp);
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

  private firstLook(): void {
    this.fitElement();
    if (this.options.flip) this.viewer.viewport.setFlip(true);
    if (this.wantedPose) this.setPose(this.wantedPose, true);
    else this.fit(true);
    this.wantedPose = null;
    // Its tiles are asked for here and not in the next frame, which comes after all that listens has been drawn.
    this.viewer.world.update(true);
    this.emit("ready");
    this.emitPose(true);
  }

  private isStill(): boolean {
    const [at, to] = [this.pose(true), this.pose()];
    return at.x === to.x && at.y === to.y && at.z === to.z && at.r === to.r;
  }

  /** The same place at the same scale, in a field of another size. */
  private fitElement(): void {
    const { clientWidth, clientHeight } = this.element;
    const viewport = this.viewer.viewport;
    const size = viewport.getContainerSize();
    if (clientWidth === 0 || clientHeight === 0 || (size.x === clientWidth && size.y === clientHeight)) return;
    const pose = this.pose();
    viewport.resize(new OpenSeadragon.Point(clientWidth, clientHeight), false);
    if (this.current) this.setPose(pose, true);
    this.viewer.forceRedraw();
    this.emitPose(true);
  }

  private listen(): void {
    const viewer = this.viewer;
    viewer.addHandler("update-viewport", () => {
      this.emitPose(false);
    });
    viewer.addHandler("animation-finish", () => {
      this.emitPose(true);
    });
    for (const gesture of ["canvas-drag", "canvas-scroll", "canvas-pinch", "canvas-double-click"] as const) {
      viewer.addHandler(gesture, () => {
        this.emit("gesture");
      });
    }
    viewer.addHandler("canvas-pinch", (event) => {
      this.moveByFingers(event as unknown as Pinch);
    });
    viewer.addHandler("canvas-release", () => {
      this.fingers = null;
    });
    viewer.addHandler("canvas-click", ({ quick, position }) => {
      if (quick && this.current) this.emit("press", this.toSlide(position));
    });
    this.element.addEventListener("pointermove", this.onPointerMove);
    this.element.addEventListener("pointerleave", this.onPointerLeave);
  }

  /** In the place of the library, which neither snaps upright nor knows of mirrored slides. */
  private moveByFingers(pinch: Pinch): void {
    Object.assign(pinch, { preventDefaultPanAction: true, preventDefaultZoomAction: true, preventDefaultRotateAction: true });
    const [a, b] = pinch.gesturePoints;
    if (!a || !b) return;
    const viewport = this.viewer.viewport;
    const flip = viewport.getFlip();
    const onSlide = ({ x, y }: OpenSeadragon.Point) => viewport.pointFromPixel(new OpenSeadragon.Point(flip ? this.screenWidth - x : x, y), true);
    viewport.panBy(onSlide(pinch.lastCenter).minus(onSlide(pinch.center)), true);
    viewport.zoomBy(pinch.distance / pinch.lastDistance, onSlide(pinch.center), true);
    // Where each finger was last is of another moment for each: the angle before is remembered here.
    const angle = (Math.atan2(b.currentPos.y - a.currentPos.y, b.currentPos.x - a.currentPos.x) * 180) / Math.PI;
    const before = this.fingers ?? { angle, turn: viewport.getRotation(true) };
    const turned = shortestTurn(before.angle, angle) - before.angle;
    this.fingers = { angle, turn: before.turn + (flip ? -turned : turned) };
    viewport.rotateTo(uprightNear(this.fingers.turn), onSlide(pinch.center), true);
    viewport.applyConstraints();
  }

  private readonly onPointerMove = (event: PointerEvent) => {
    const box = this.element.getBoundingClientRect();
    this.pointer = new OpenSeadragon.Point(event.clientX - box.left, event.clientY - box.top);
    if (this.current) this.emit("cursor", this.toSlide(this.pointer));
  };

  private readonly onPointerLeave = () => {
    this.pointer = null;
    this.emit("cursor", null);
  };

  private emitPose(rest: boolean): void {
    if (!this.current) return;
    const pose = this.pose(true);
    const key = `${pose.x}/${pose.y}/${pose.z}/${pose.r}/${this.flipped}/${this.screenWidth}`;
    if (key !== this.lastPose) {
      this.lastPose = key;
      // A move may bring something on the screen that is there, but not at its full resolution.
      this.tellSharp();
      this.emit("move", pose);
    }
    if (rest) this.emit("rest", this.pose());
  }
}

/** The first that the browser has is taken. Samples are mixed with WebGL2, so that channels ask for it wherever it is. */
function drawersFor({ drawer, opening }: SlideViewOptions): unknown[] {
  const byCanvas = drawer === "canvas" || (drawer === "auto" && opening.mode === "direct" && !hasGraphicsProcessor());
  return byCanvas ? [CanvasSlideDrawer] : [WebGLSlideDrawer, CanvasSlideDrawer];
}

function upsideDown(pixels: Uint8Array, stride: number): Uint8Array {
  const turned = new Uint8Array(pixels.length);
  for (let from = 0; from < pixels.length; from += stride) turned.set(pixels.subarray(from, from + stride), pixels.length - stride - from);
  return turned;
}

/** A pinch as the library tells it. */
interface Pinch {
  gesturePoints: { currentPos: OpenSeadragon.Point }[];
  center: OpenSeadragon.Point;
  lastCenter: OpenSeadragon.Point;
  distance: number;
  lastDistance: number;
}

/** The angle equal to `to` that is nearest to `from`, so that 350 to 10 turns by 20 degrees. */
export function shortestTurn(from: number, to: number): number {
  const difference = normaliseDegrees(to - from);
  return from + (difference > 180 ? difference - 360 : difference);
}

function zoomPerNotch({ inverted, speed }: Wheel): number {
  const notch = 1.3 ** speed;
  return inverted ? 1 / notch : notch;
}
