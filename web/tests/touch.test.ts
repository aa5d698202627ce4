import { describe, expect, it } from "vitest";
import { atStep, nearestStep, sheetStepOf } from "../src/ui/sheet_steps";
import { TwoFingerTap } from "../src/viewer/annotate/two_finger_tap";

const touch = (pointerId: number, timeStamp: number, clientX = 100 * pointerId, clientY = 100) => ({ pointerId, timeStamp, clientX, clientY });

describe("a tap with two fingers", () => {
  const tap = new TwoFingerTap();

  it("is told once, when the last finger leaves", () => {
    expect([tap.press(touch(1, 0)), tap.press(touch(2, 40))]).toEqual([1, 2]);
    expect([tap.release(touch(1, 150)), tap.release(touch(2, 170))]).toEqual([false, true]);
    expect(tap.release(touch(2, 180))).toBe(false);
  });

  it("is neither a pinch, nor a rest, nor one finger, nor three", () => {
    const told: boolean[] = [];
    tap.press(touch(1, 0));
    tap.press(touch(2, 10));
    tap.move(touch(2, 60, 260));
    told.push(tap.release(touch(1, 100)), tap.release(touch(2, 110)));
    tap.press(touch(1, 1000));
    tap.press(touch(2, 1010));
    told.push(tap.release(touch(1, 1990)), tap.release(touch(2, 2000)));
    tap.press(touch(1, 3000));
    told.push(tap.release(touch(1, 3050)));
    for (const finger of [1, 2, 3]) tap.press(touch(finger, 4000));
    for (const finger of [1, 2, 3]) told.push(tap.release(touch(finger, 4050)));
    expect(told.every((each) => !each)).toBe(true);
  });

  it("is none when the browser takes a finger for itself", () => {
    tap.press(touch(1, 0));
    tap.press(touch(2, 10));
    tap.cancel(touch(1, 20));
    expect(tap.release(touch(2, 30))).toBe(false);
  });
});

describe("heights of a bottom sheet", () => {
  it("are three, and the nearest to where it was let go", () => {
    expect([0.02, 0.27, 0.3, 0.6, 0.62, 0.9].map(nearestStep)).toEqual([0, 0, 1, 1, 2, 2]);
    expect([-1, 0, 1, 2, 3].map(atStep)).toEqual([0, 0, 1, 2, 2]);
    expect(["0", "1", "2", null, "x"].map(sheetStepOf)).toEqual([0, 1, 2, 1, 1]);
  });
});
