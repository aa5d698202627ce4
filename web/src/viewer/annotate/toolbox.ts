/** What the person draws with: one for all slides of the page. */
import type { Tool } from "./drawing";

export interface ToolState {
  tool: Tool;
  /** The class of what is drawn next. */
  className: string | null;
  /** Radius of the brush in pixels of the screen. */
  brush: number;
  /** How much the wand takes; 1 is what looks just like the place. */
  sensitivity: number;
  /** Whether annotations are shown. */
  visible: boolean;
  /** Whether a finger draws; a pen and a mouse always do. */
  fingers: boolean;
}

export const BRUSH_LIMITS = [3, 120] as const;
export const SENSITIVITY_LIMITS = [0.5, 3] as const;

export class Toolbox {
  private state: ToolState = { tool: "move", className: null, brush: 20, sensitivity: 1, visible: true, fingers: false };
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): ToolState => this.state;

  set(patch: Partial<ToolState>): void {
    this.state = { ...this.state, ...patch };
    for (const listener of this.listeners) listener();
  }
}
