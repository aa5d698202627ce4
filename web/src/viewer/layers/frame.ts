/** How the slide lies on the screen in one frame, for whatever is drawn over it. */

export interface Frame {
  /** Of the drawing surface, device pixels. */
  width: number;
  height: number;
  /** Device pixels in one level-0 pixel. */
  scale: number;
  /** The middle of the view, level-0 pixels. */
  centre: { x: number; y: number };
  /** Degrees clockwise. */
  rotation: number;
  flip: boolean;
  /** Device pixels in one CSS pixel. */
  ratio: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Draws over the slide, in the context of its tiles or on a surface of its own. */
export interface Painter {
  paintGl(gl: WebGL2RenderingContext, frame: Frame): void;
  paint2d(context: CanvasRenderingContext2D, frame: Frame): void;
  /** The context is gone with all that was made in it. */
  forgetGl(): void;
}

/** The 2 by 2 matrix, column after column, from device pixels around the centre to clip space. */
export function turnOf({ width, height, rotation, flip }: Frame): [number, number, number, number] {
  const angle = (rotation * Math.PI) / 180;
  const mirror = flip ? -1 : 1;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [(mirror * 2 * cos) / width, (-2 * sin) / height, (mirror * -2 * sin) / width, (-2 * cos) / height];
}

/** The upright rectangle around everything that the frame shows, level-0 pixels. */
export function fieldOf({ width, height, scale, centre, rotation }: Frame): Box {
  const angle = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const across = (width * cos + height * sin) / 2 / scale;
  const down = (width * sin + height * cos) / 2 / scale;
  return { left: centre.x - across, top: centre.y - down, right: centre.x + across, bottom: centre.y + down };
}

/** Whether a place, level-0 pixels, is on the screen. */
export function isSeen({ width, height, scale, centre, rotation }: Frame, x: number, y: number): boolean {
  const angle = (rotation * Math.PI) / 180;
  const [dx, dy] = [(x - centre.x) * scale, (y - centre.y) * scale];
  const across = Math.cos(angle) * dx - Math.sin(angle) * dy;
  const down = Math.sin(angle) * dx + Math.cos(angle) * dy;
  return Math.abs(across) <= width / 2 && Math.abs(down) <= height / 2;
}
