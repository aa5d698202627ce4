/** Windows of one browser that show the same slide at the same place: whichever was touched last leads. */
import { isPlane, type Plane } from "./planes";
import type { Pose } from "./view_state";

const CHANNEL = "hemalum.in-step";

export interface Step {
  image: string;
  /** Null when a slide was just opened and nobody moved in it. */
  pose: Pose | null;
  flip: boolean;
  plane: Plane;
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

function isStep(value: unknown): value is Step {
  const step = value as Partial<Step> | null;
  const pose = step?.pose;
  const whole = pose === null || (typeof pose === "object" && [pose.x, pose.y, pose.z, pose.r].every(Number.isFinite) && pose.z > 0);
  return typeof step?.image === "string" && typeof step.flip === "boolean" && isPlane(step.plane) && whole;
}
