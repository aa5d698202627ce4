/** Watches a view and marks what its reader had the time to see: fields that are sharp and at rest, or nearly so. */
import type { Coverage } from "./coverage";
import { spacingOf } from "./pyramid";
import type { SlideView } from "./slide_view";
import type { Pose } from "./view_state";

const LOOK_EVERY_MS = 100;
export const REST_MS = 300;
/** Shares of the field a second up to which a moving picture can be read. */
const SLOW = 0.25;
const SLOW_ZOOM = 1.05;

interface Looked {
  pose: Pose;
  at: number;
}

export class CoverageWatch {
  private sharp = false;
  private before: Looked | null = null;
  private restingSince: number | null = null;
  private marked = "";
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly stops: (() => void)[];

  /** `onMarked` is told when cells were seen for the first time. */
  constructor(
    private readonly view: SlideView,
    private readonly coverage: Coverage,
    private readonly onMarked: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.stops = [
      view.on("sharp", (sharp) => {
        this.sharp = sharp;
        if (!sharp) this.restingSince = null;
      }),
    ];
    this.sharp = view.isSharp;
    this.timer = setInterval(() => {
      this.look();
    }, LOOK_EVERY_MS);
  }

  destroy(): void {
    clearInterval(this.timer);
    for (const stop of this.stops) stop();
  }

  /** Looks once; a timer does this. */
  look(): void {
    const pose = this.view.pose(true);
    const at = this.now();
    const steady = this.before !== null && this.isSlow(this.before, { pose, at });
    this.before = { pose, at };
    if (!steady || !this.sharp || document.visibilityState === "hidden") {
      this.restingSince = null;
      return;
    }
    this.restingSince ??= at;
    if (at - this.restingSince < REST_MS) return;
    const um = spacingOf(this.view.opening);
    const band = this.coverage.bandOf(pose.z / um.x);
    const corners = this.view.fieldCorners();
    const field = `${band} ${corners.map(({ x, y }) => `${x},${y}`).join(" ")}`;
    if (band < 0 || field === this.marked) return;
    this.marked = field;
    if (this.coverage.mark(band, corners.map(({ x, y }) => ({ x: x / um.x, y: y / um.y }))) > 0) this.onMarked();
  }

  private isSlow(from: Looked, to: Looked): boolean {
    const { width, height } = this.view.fieldSize;
    const seconds = Math.max(to.at - from.at, 1) / 1000;
    const field = Math.min(width, height) * to.pose.z;
    const moved = Math.hypot(to.pose.x - from.pose.x, to.pose.y - from.pose.y) / field / seconds;
    const zoomed = Math.max(to.pose.z / from.pose.z, from.pose.z / to.pose.z);
    const turned = Math.abs(to.pose.r - from.pose.r) % 360;
    return moved <= SLOW && zoomed <= SLOW_ZOOM && Math.min(turned, 360 - turned) < 2;
  }
}
