import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GamepadSteering } from "../src/viewer/gamepad";
import type { SlideView } from "../src/viewer/slide_view";

const buttons = (down: Record<number, number>) => Array.from({ length: 17 }, (_, index) => ({ value: down[index] ?? 0, pressed: (down[index] ?? 0) > 0.5, touched: false }));
const pad = (down: Record<number, number>, axes: number[] = [0, 0, 0, 0]) => ({ connected: true, mapping: "standard", axes, buttons: buttons(down) }) as unknown as Gamepad;

describe("a game controller", () => {
  beforeEach(() => {
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", { hasFocus: () => true });
    vi.stubGlobal("requestAnimationFrame", () => 1);
    vi.stubGlobal("cancelAnimationFrame", () => undefined);
  });
  afterEach(() => { vi.unstubAllGlobals(); });

  function set() {
    const view = { panBy: vi.fn(), zoomBy: vi.fn() };
    const actions = { nextSlide: vi.fn(), previousSlide: vi.fn(), nextField: vi.fn() };
    const held = { pad: pad({}) };
    const steering = new GamepadSteering(() => view as unknown as SlideView, () => actions, () => [null, held.pad]);
    let now = 0;
    const look = (next: Gamepad) => {
      held.pad = next;
      now += 50;
      steering.look(now);
    };
    look(pad({}));
    return { view, actions, look };
  }

  it("presses once however long a button is held", () => {
    const { view, actions, look } = set();
    for (let frame = 0; frame < 3; frame++) look(pad({ 0: 1, 5: 1, 14: 1 }));
    look(pad({}));
    look(pad({ 0: 1, 4: 1 }));
    expect([actions.nextField, actions.nextSlide, actions.previousSlide].map((each) => each.mock.calls.length)).toEqual([2, 1, 1]);
    expect(view.panBy.mock.calls).toEqual([[-0.8, 0]]);
  });

  it("moves with the stick, not by its tremble, and zooms with the triggers", () => {
    const { view, look } = set();
    look(pad({}, [0.1, -0.14, 0, 0]));
    expect(view.panBy).not.toHaveBeenCalled();
    look(pad({}, [1, 0, 0, 0]));
    expect(view.panBy).toHaveBeenCalledWith(0.05, 0);
    look(pad({ 7: 1 }));
    expect(view.zoomBy.mock.calls[0]?.[0]).toBeGreaterThan(1);
    look(pad({ 6: 0.9 }));
    expect(view.zoomBy.mock.calls[1]?.[0]).toBeLessThan(1);
  });

  it("makes no leap after a pause", () => {
    const { view, look } = set();
    const steps: number[] = [];
    view.panBy.mockImplementation((x: number) => steps.push(x));
    for (let pause = 0; pause < 100; pause++) look(pad({}));
    look(pad({}, [1, 0, 0, 0]));
    expect(Math.max(...steps)).toBeLessThanOrEqual(0.1);
  });
});
