/** One slide on the screen. Knows no framework. */
import OpenSeadragon from "openseadragon";
import type { Opening } from "../api/types";
import { Camera, type Cursor, type Pinch } from "./camera";
import type { Look } from "./compare/look";
import { CanvasOverlay } from "./layers/canvas_overlay";
import type { Painter } from "./layers/frame";
import { CanvasSlideDrawer } from "./canvas_drawer";
import { hasGraphicsProcessor } from "./graphics";
import { coarsestFirst, minPixelRatio, spacingOf } from "./pyramid";
import { SlideTiles, type DrawerName, type Mixing, type TileOptions } from "./slide_tiles";
import { UnscannedVeil, type Area } from "./unscanned_veil";
import type { Pose } from "./view_state";
import { WebGLSlideDrawer, type ChannelCell } from "./webgl_drawer";

export interface SlideViewOptions extends TileOptions {
  pose: Pose | null;
  flip: boolean;
  /** With "auto" WebGL2, unless a picture is drawn sooner without it. */
  drawer: DrawerName | "auto";
  reducedMotion: boolean;
  wheel: Wheel;
}

/** How the mouse wheel zooms. */
export interface Wheel {
  inverted: boolean;
  /** 1 is a third closer with every notch. */
  speed: number;
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
const QUIET_FRAMES = 4;
/** Screen pixels that one image pixel may cover. */
const MAX_PIXEL_ZOOM = 16;

export class SlideView extends Camera {
  readonly opening: Opening;
  readonly drawer: DrawerName;
  readonly tiles: SlideTiles;
  /** Whether it was told where to look at first, and did not have to show the whole slide. */
  readonly placed: boolean;
  private readonly viewer: OpenSeadragon.Viewer;
  private readonly listeners = new Map<keyof ViewEvents, Set<(value: never) => void>>();
  private lastPose = "";
  private destroyed = false;
  private readonly resizeObserver: ResizeObserver;
  private readonly listening = new AbortController();
  private unscanned: UnscannedVeil | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly options: SlideViewOptions,
  ) {
    const { opening } = options;
    const finest = coarsestFirst(opening.levels).at(-1);
    if (!finest) throw new Error("An opening without levels cannot be shown.");
    super(finest.width_px, finest.height_px, spacingOf(opening));
    this.opening = opening;
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
    this.tiles = new SlideTiles(this.viewer, this.drawer, options, {
      first: () => { this.firstLook(); },
      sharp: (sharp) => { this.emit("sharp", sharp); },
      failed: (count) => { this.emit("failed", count); },
      mixing: (mixing) => { this.emit("mixing", mixing); },
    });
    this.listen();
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

  setFlip(flip: boolean): void {
    this.viewport.setFlip(flip);
    this.viewer.forceRedraw();
    this.emitPose(true);
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

  // --- pictures -------------------------------------------------------------------------------------------------

  /** Draws channels alone as well, on these canvases. */
  setCells(cells: readonly ChannelCell[]): void {
    const drawer: unknown = this.viewer.drawer;
    if (drawer instanceof WebGLSlideDrawer) drawer.cells = cells;
    this.redraw();
  }

  setWheel(wheel: Wheel): void {
    (this.viewer as unknown as { zoomPerScroll: number }).zoomPerScroll = zoomPerNotch(wheel);
  }

  /** Whether everything on the screen has its full resolution. */
  get isSharp(): boolean {
    return this.tiles.isSharp;
  }

  /** Waits until the view rests and everything in it is drawn at full resolution. */
  whenSharp(): Promise<void> {
    return new Promise((resolve) => {
      let quiet = 0;
      const look = () => {
        quiet = this.tiles.isSettled && this.isStill() ? quiet + 1 : 0;
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
    this.listening.abort();
    this.resizeObserver.disconnect();
    this.tiles.destroy();
    this.viewer.destroy();
    this.listeners.clear();
  }

  // --- inside ---------------------------------------------------------------------------------------------------

  protected override get viewport(): OpenSeadragon.Viewport {
    return this.viewer.viewport;
  }

  private firstLook(): void {
    this.fitElement();
    if (this.options.flip) this.viewport.setFlip(true);
    if (this.options.pose) this.setPose(this.options.pose, true);
    else this.fit(true);
    // Its tiles are asked for here and not in the next frame, which comes after all that listens has been drawn.
    this.viewer.world.update(true);
    this.emit("ready");
    this.emitPose(true);
  }

  /** The same place at the same scale, in a field of another size. */
  private fitElement(): void {
    const { clientWidth, clientHeight } = this.element;
    const { viewport } = this;
    const size = viewport.getContainerSize();
    if (clientWidth === 0 || clientHeight === 0 || (size.x === clientWidth && size.y === clientHeight)) return;
    const pose = this.pose();
    viewport.resize(new OpenSeadragon.Point(clientWidth, clientHeight), false);
    if (this.tiles.isThere) this.setPose(pose, true);
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
      this.lift();
    });
    viewer.addHandler("canvas-click", ({ quick, position }) => {
      if (quick && this.tiles.isThere) this.emit("press", this.toSlide(position));
    });
    // A slide that is opened anew comes into the same element.
    const { signal } = this.listening;
    this.element.addEventListener("pointermove", this.onPointerMove, { signal });
    this.element.addEventListener("pointerleave", this.onPointerLeave, { signal });
  }

  private readonly onPointerMove = (event: PointerEvent) => {
    const box = this.element.getBoundingClientRect();
    this.pointer = new OpenSeadragon.Point(event.clientX - box.left, event.clientY - box.top);
    if (this.tiles.isThere) this.emit("cursor", this.toSlide(this.pointer));
  };

  private readonly onPointerLeave = () => {
    this.pointer = null;
    this.emit("cursor", null);
  };

  private emitPose(rest: boolean): void {
    if (!this.tiles.isThere) return;
    const pose = this.pose(true);
    const key = `${pose.x}/${pose.y}/${pose.z}/${pose.r}/${this.flipped}/${this.screenWidth}`;
    if (key !== this.lastPose) {
      this.lastPose = key;
      this.tiles.tellSharp();
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

function zoomPerNotch({ inverted, speed }: Wheel): number {
  const notch = 1.3 ** speed;
  return inverted ? 1 / notch : notch;
}
