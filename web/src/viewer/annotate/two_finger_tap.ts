/** Two fingers that touch the slide for a moment and do not move: "take that back". */

interface Touch {
  pointerId: number;
  clientX: number;
  clientY: number;
  timeStamp: number;
}

const LONGEST_MS = 500;
const SLIP_PX = 12;

export class TwoFingerTap {
  private readonly down = new Map<number, { x: number; y: number }>();
  private began = 0;
  private isTap = false;
  private both = false;

  /** Tells how many fingers touch the slide now. */
  press({ pointerId, clientX, clientY, timeStamp }: Touch): number {
    if (this.down.size === 0) {
      this.began = timeStamp;
      this.isTap = true;
    }
    this.down.set(pointerId, { x: clientX, y: clientY });
    if (this.down.size > 2) this.isTap = false;
    else if (this.down.size === 2) this.both = true;
    return this.down.size;
  }

  move({ pointerId, clientX, clientY }: Touch): void {
    const from = this.down.get(pointerId);
    if (from && Math.hypot(clientX - from.x, clientY - from.y) > SLIP_PX) this.isTap = false;
  }

  /** Tells whether this finger was the last of a tap. */
  release({ pointerId, timeStamp }: Touch): boolean {
    if (!this.down.delete(pointerId) || this.down.size > 0) return false;
    const tapped = this.isTap && this.both && timeStamp - this.began <= LONGEST_MS;
    this.both = false;
    return tapped;
  }

  cancel({ pointerId }: Pick<Touch, "pointerId">): void {
    this.down.delete(pointerId);
    this.isTap = false;
    if (this.down.size === 0) this.both = false;
  }
}
