/** Two slides that move together: each keeps its own offset, turn and zoom relative to the other. */
import type { SlideView } from "./slide_view";
import type { Pose } from "./view_state";

/** Where `to` must look when `from` moves from pose `before` to pose `after`. */
export function follow(before: Pose, after: Pose, to: Pose): Pose {
  const turned = ((to.r - before.r) * Math.PI) / 180;
  const zoom = to.z / before.z;
  const dx = (after.x - before.x) * zoom;
  const dy = (after.y - before.y) * zoom;
  // A slide turned against the other moves so that both run the same way on the screen.
  const cos = Math.cos(turned);
  const sin = Math.sin(turned);
  return {
    x: to.x + dx * cos + dy * sin,
    y: to.y - dx * sin + dy * cos,
    z: after.z * zoom,
    r: to.r + after.r - before.r,
  };
}

/**
 * Links two views until the returned function is called.
 *
 * `leads` says which pane the person moves; while `apart` says so, it moves alone and so changes their offset.
 */
export function link(a: SlideView, b: SlideView, leads: () => SlideView, apart: () => boolean): () => void {
  let poseA = a.pose(true);
  let poseB = b.pose(true);
  const stops = [
    a.on("move", (pose) => {
      if (leads() === a && !apart()) {
        poseB = follow(poseA, pose, poseB);
        b.setPose(poseB, true);
      } else poseB = b.pose(true);
      poseA = pose;
    }),
    b.on("move", (pose) => {
      if (leads() === b && !apart()) {
        poseA = follow(poseB, pose, poseA);
        a.setPose(poseA, true);
      } else poseA = a.pose(true);
      poseB = pose;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
