/** Windows of one browser that show the same slides at the same places: whichever was touched last leads. */
import { isPlane, type Plane } from "./planes";
import type { Pose } from "./view_state";

const CHANNEL = "hemalum.in-step";

/** Where one looks in a pane. */
export interface PaneStep {
  pose: Pose;
  flip: boolean;
  plane: Plane;
}

export interface Step {
  /** The slide of each pane, null for one that waits for a slide. */
  images: readonly (string | null)[];
  /** The pane that has the keys. */
  active: number;
  /** Null for one that shows nothing yet. */
  panes: readonly (PaneStep | null)[];
}

export class InStep {
  private readonly channel = new BroadcastChannel(CHANNEL);
  private leads = false;

  constructor(private readonly onStep: (step: Step) => void) {
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!isStep(data)) return;
      this.leads = false;
      this.onStep(data);
    };
    for (const name of ["pointerdown", "wheel", "keydown"] as const) window.addEventListener(name, this.lead, { capture: true, passive: true });
  }

  private readonly lead = () => {
    this.leads = true;
  };

  /** Tells the other windows, if this one leads. */
  tell(step: Step): void {
    if (this.leads) this.channel.postMessage(step);
  }

  destroy(): void {
    for (const name of ["pointerdown", "wheel", "keydown"] as const) window.removeEventListener(name, this.lead, { capture: true });
    this.channel.close();
  }
}

function isPaneStep(value: unknown): value is PaneStep | null {
  if (value === null) return true;
  const { pose, flip, plane } = value as Partial<PaneStep>;
  return pose !== undefined && [pose.x, pose.y, pose.z, pose.r].every(Number.isFinite) && pose.z > 0 && typeof flip === "boolean" && isPlane(plane);
}

/** What another release of the app sends in a window that is still open may be something else. */
function isStep(value: unknown): value is Step {
  const { images, active, panes } = (value ?? {}) as Partial<Step>;
  return (
    Array.isArray(images) &&
    Array.isArray(panes) &&
    images.length === panes.length &&
    images.every((image) => image === null || typeof image === "string") &&
    panes.every(isPaneStep) &&
    Number.isInteger(active)
  );
}
