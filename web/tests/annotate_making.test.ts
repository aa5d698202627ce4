import { afterEach, describe, expect, it, vi } from "vitest";
import { Making } from "../src/viewer/annotate/making";
import type { Change } from "../src/viewer/annotate/mark";
import type { MarkScreen, MarkScreenOptions } from "../src/viewer/annotate/mark_screen";
import type { Notice } from "../src/viewer/annotate/notice";
import { Toolbox } from "../src/viewer/annotate/toolbox";

const REGION = "../src/viewer/annotate/region";

/** A slide on which somebody paints, one pixel of it for each of the screen. */
function brush() {
  const said: Notice["what"][] = [];
  const done: Change[] = [];
  const toolbox = new Toolbox();
  toolbox.set({ tool: "brush" });
  const document = { do: (_: string, changes: Change[]) => void done.push(...changes) };
  const options = { view: { opening: { planes: [0] } }, document, toolbox } as unknown as MarkScreenOptions;
  const screen = { field: () => ({ pixel: 1, upright: 0 }), redraw: () => undefined } as unknown as MarkScreen;
  const nothing = () => undefined;
  const making = new Making(options, screen, {
    selected: () => null,
    mayChange: () => true,
    select: nothing,
    remove: nothing,
    onAdded: nothing,
    say: ({ what }) => void said.push(what),
  });
  return { making, said, done };
}

describe("a stroke of the brush", () => {
  afterEach(() => { vi.doUnmock(REGION); });

  it("says that the code for regions did not come, and asks for it anew with the next", async () => {
    vi.doMock(REGION, () => { throw new Error("no connection"); });
    const { making, said, done } = brush();
    making.changeTool("move", "brush");
    making.place([100, 100]);
    await vi.waitFor(() => { expect(said).toEqual(["noConnection"]); });
    expect([done, making.isOn]).toEqual([[], false]);
    vi.doUnmock(REGION);
    making.place([100, 100]);
    await vi.waitFor(() => { expect(done).toHaveLength(1); });
    expect(done[0]).toMatchObject({ op: "add", annotation: { kind: "brush", geometry: { type: "Polygon" } } });
    expect(said).toEqual(["noConnection"]);
  });
});
