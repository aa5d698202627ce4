/** Where one looks at a slide, in um, and how to move there. */
import OpenSeadragon from "openseadragon";
import type { Spacing } from "../api/types";
import type { Matrix } from "./annotate/matrix";
import { normaliseDegrees, uprightNear, type Pose } from "./view_state";

/** A place on the slide, in um unless it says otherwise. */
export interface Cursor {
  x: number;
  y: number;
}

/** A pinch as the library tells it. */
export interface Pinch {
  gesturePoints: { currentPos: OpenSeadragon.Point }[];
  center: OpenSeadragon.Point;
  lastCenter: OpenSeadragon.Point;
  distance: number;
  lastDistance: number;
}

export abstract class Camera {
  /** Where the pointer is on the element; what zooms holds it. */
  protected pointer: OpenSeadragon.Point | null = null;
  /** How two fingers lie, and how far they have turned the slide before it snaps upright; null while they do not. */
  private fingers: { angle: number; turn: number } | null = null;

  /** The image has this width and height in pixels of level 0, of so many um. */
  constructor(
    private readonly width: number,
    private readonly height: number,
    private readonly um: { x: number; y: number },
  ) {}

  protected abstract get viewport(): OpenSeadragon.Viewport;

  /** Where the view is heading; with `now`, where it is in this frame. */
  pose(now = false): Pose {
    const { viewport } = this;
    const centre = viewport.getCenter(now);
    return {
      x: centre.x * this.width * this.um.x,
      y: centre.y * this.width * this.um.y,
      z: this.umPerUnit / (viewport.getZoom(now) * this.screenWidth),
      r: normaliseDegrees(viewport.getRotation(now)),
    };
  }

  setPose(pose: Pose, immediately = false): void {
    const { viewport } = this;
    const { x, y } = this.toViewport(pose.x, pose.y);
    viewport.setRotation(shortestTurn(viewport.getRotation(), pose.r), immediately);
    viewport.zoomTo(this.umPerUnit / (pose.z * this.screenWidth), undefined, immediately);
    viewport.panTo(new OpenSeadragon.Point(x, y), immediately);
  }

  fit(immediately = false): void {
    this.viewport.goHome(immediately);
  }

  /** Changes um per CSS pixel, holding the point under the pointer, or the centre. */
  zoomTo(umPerPx: number): void {
    const zoom = this.umPerUnit / (umPerPx * this.screenWidth);
    this.viewport.zoomTo(zoom, this.pointerPoint());
    this.viewport.applyConstraints();
  }

  zoomBy(factor: number): void {
    this.viewport.zoomBy(factor, this.pointerPoint());
    this.viewport.applyConstraints();
  }

  /** Moves by a share of the field on the screen: 0.8 to the right leaves a fifth of the field to see again. */
  panBy(shareX: number, shareY: number): void {
    const { viewport } = this;
    const size = viewport.getContainerSize();
    const across = viewport.getFlip() ? -shareX : shareX;
    const delta = viewport.deltaPointsFromPixels(new OpenSeadragon.Point(size.x * across, size.y * shareY));
    viewport.panBy(delta);
    viewport.applyConstraints();
  }

  /** Moves by CSS pixels of the screen, at once: for keys that aim. */
  panByPixels(x: number, y: number): void {
    const { viewport } = this;
    const across = viewport.getFlip() ? -x : x;
    viewport.panBy(viewport.deltaPointsFromPixels(new OpenSeadragon.Point(across, y)), true);
    viewport.applyConstraints(true);
  }

  rotateBy(degrees: number): void {
    const { viewport } = this;
    viewport.setRotation(viewport.getRotation() + degrees);
  }

  setRotation(degrees: number): void {
    const { viewport } = this;
    viewport.setRotation(shortestTurn(viewport.getRotation(), degrees));
  }

  get flipped(): boolean {
    return this.viewport.getFlip();
  }

  /** Corners of the field in um, clockwise from the top left of the screen. */
  fieldCorners(): Cursor[] {
    const size = this.viewport.getContainerSize();
    return [
      [0, 0],
      [size.x, 0],
      [size.x, size.y],
      [0, size.y],
    ].map(([x = 0, y = 0]) => this.toSlide(new OpenSeadragon.Point(x, y)));
  }

  get fieldSize(): { width: number; height: number } {
    const size = this.viewport.getContainerSize();
    return { width: size.x, height: size.y };
  }

  /** Maps pixels of level 0 to CSS pixels of the element: where the slide is in this frame, or where it is heading. */
  matrix(now = true): Matrix {
    const { viewport } = this;
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

  // --- inside ---------------------------------------------------------------------------------------------------

  protected get screenWidth(): number {
    return this.viewport.getContainerSize().x;
  }

  /** um in one unit of OpenSeadragon, which is the width of the image. */
  private get umPerUnit(): number {
    return this.width * this.um.x;
  }

  private toViewport(x: number, y: number): { x: number; y: number } {
    return { x: x / this.um.x / this.width, y: y / this.um.y / this.width };
  }

  protected toSlide(pixel: OpenSeadragon.Point): Cursor {
    const point = this.pointAt(pixel);
    return { x: point.x * this.width * this.um.x, y: point.y * this.width * this.um.y };
  }

  /** A pixel of the element in units of OpenSeadragon, which itself does not mind that the slide is mirrored. */
  private pointAt({ x, y }: OpenSeadragon.Point): OpenSeadragon.Point {
    return this.viewport.pointFromPixel(new OpenSeadragon.Point(this.flipped ? this.screenWidth - x : x, y), true);
  }

  private pointerPoint(): OpenSeadragon.Point | undefined {
    return this.pointer ? this.pointAt(this.pointer) : undefined;
  }

  protected isStill(): boolean {
    const [at, to] = [this.pose(true), this.pose()];
    return at.x === to.x && at.y === to.y && at.z === to.z && at.r === to.r;
  }

  /** In the place of the library, which neither snaps upright nor knows of mirrored slides. */
  protected moveByFingers(pinch: Pinch): void {
    Object.assign(pinch, { preventDefaultPanAction: true, preventDefaultZoomAction: true, preventDefaultRotateAction: true });
    const [a, b] = pinch.gesturePoints;
    if (!a || !b) return;
    const { viewport } = this;
    viewport.panBy(this.pointAt(pinch.lastCenter).minus(this.pointAt(pinch.center)), true);
    viewport.zoomBy(pinch.distance / pinch.lastDistance, this.pointAt(pinch.center), true);
    // Where each finger was last is of another moment for each: the angle before is remembered here.
    const angle = (Math.atan2(b.currentPos.y - a.currentPos.y, b.currentPos.x - a.currentPos.x) * 180) / Math.PI;
    const before = this.fingers ?? { angle, turn: viewport.getRotation(true) };
    const turned = shortestTurn(before.angle, angle) - before.angle;
    this.fingers = { angle, turn: before.turn + (this.flipped ? -turned : turned) };
    viewport.rotateTo(uprightNear(this.fingers.turn), this.pointAt(pinch.center), true);
    viewport.applyConstraints();
  }

  protected lift(): void {
    this.fingers = null;
  }
}

/** The angle equal to `to` that is nearest to `from`, so that 350 to 10 turns by 20 degrees. */
function shortestTurn(from: number, to: number): number {
  const difference = normaliseDegrees(to - from);
  return from + (difference > 180 ? difference - 360 : difference);
}
