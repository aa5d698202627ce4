import { describe, expect, it } from "vitest";
import { Pointers, type Hand } from "../src/viewer/annotate/pointers";

type Given = Partial<Pick<PointerEvent, "pointerId" | "pointerType" | "clientX" | "clientY" | "button" | "timeStamp">>;

/** A slide that is touched, and what came of it. */
function slide(takes: boolean, mayUndo = true) {
  const told: string[] = [];
  const note = (what: string) => () => void told.push(what);
  const hand: Hand = {
    onTouch: note("touch"),
    press: () => {
      told.push("press");
      return takes;
    },
    drag: (events) => void told.push(`drag ${events.length}`),
    release: (_, clicked) => void told.push(clicked ? "release clicked" : "release"),
    letGo: note("letGo"),
    cancel: note("cancel"),
    click: note("click"),
    hover: note("hover"),
    leave: note("leave"),
    tap: mayUndo ? note("tap") : null,
  };
  const element = Object.assign(new EventTarget(), { setPointerCapture: (id: number) => void told.push(`capture ${id}`) });
  const pointers = new Pointers(element as unknown as HTMLElement, hand);
  /** Tells whether the slide may move by it. */
  const does = (type: string, given: Given = {}): boolean => {
    const event = Object.assign(new Event(type), { pointerId: 1, pointerType: "mouse", clientX: 0, clientY: 0, button: 0, getCoalescedEvents: () => [] });
    for (const [name, value] of Object.entries(given)) Object.defineProperty(event, name, { value });
    element.dispatchEvent(event);
    return !event.cancelBubble;
  };
  return { told, does, pointers };
}

describe("a pointer on a slide", () => {
  it("drags what it took hold of, and the slide stays where it is", () => {
    const { told, does } = slide(true);
    expect(does("pointerdown")).toBe(false);
    does("pointermove", { clientX: 20 });
    does("pointermove", { pointerId: 2, clientX: 20 });
    does("pointerleave");
    expect(does("pointerup", { clientX: 20 })).toBe(false);
    does("pointermove");
    expect(told).toEqual(["touch", "press", "capture 1", "drag 1", "release", "hover"]);
  });

  it("clicks where it took hold of nothing and has not moved far", () => {
    const { told, does } = slide(false);
    expect([does("pointerdown"), does("pointerup", { clientX: 3 })]).toEqual([true, true]);
    does("pointerdown");
    does("pointerup", { clientX: 30 });
    expect(told).toEqual(["touch", "press", "click", "touch", "press"]);
  });

  it("lets go when the system takes it away", () => {
    const { told, does } = slide(true);
    does("pointerdown");
    does("pointercancel");
    does("pointerup");
    expect(told).toEqual(["touch", "press", "capture 1", "cancel"]);
  });

  it("is the pen's alone while a palm rests beside it", () => {
    const { told, does } = slide(true);
    does("pointerdown", { pointerType: "pen" });
    expect(does("pointerdown", { pointerId: 2, pointerType: "touch" })).toBe(false);
    expect(told).toEqual(["touch", "press", "capture 1"]);
  });

  it("is heard no more once it is taken off", () => {
    const { told, does, pointers } = slide(true);
    pointers.destroy();
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointerleave"]) does(type);
    expect(told).toEqual([]);
  });
});

describe("two fingers", () => {
  const finger = (pointerId: number, timeStamp: number): Given => ({ pointerId, pointerType: "touch", clientX: 100 * pointerId, timeStamp });
  const tap = ({ does }: ReturnType<typeof slide>) => {
    does("pointerdown", finger(1, 0));
    does("pointerdown", finger(2, 30));
    does("pointerup", finger(2, 90));
    does("pointerup", finger(1, 100));
  };

  it("take something back, and what the first began was not meant", () => {
    const drawn = slide(true);
    tap(drawn);
    expect(drawn.told).toEqual(["touch", "press", "capture 1", "letGo", "tap"]);
  });

  it("take nothing back for whoever may not draw, and are no click", () => {
    const read = slide(false, false);
    tap(read);
    expect(read.told).toEqual(["touch", "press"]);
  });
});
