import { describe, expect, it } from "vitest";
import { decodeChannels, defaultSettings, encodeChannels, compositeAddress } from "../src/viewer/channels";
import { decodeView, encodeView, UNSAID, uprightNear, type ViewState } from "../src/viewer/view_state";

const STATE: ViewState = { pose: { x: 12345.678, y: 0.25, z: 0.2512, r: 37.5 }, flip: true, plane: 3, channels: "0-ff0000-0-99", solo: 2, sparing: true, cells: true };

describe("the address of a view", () => {
  it("comes back as it was", () => {
    expect(decodeView(encodeView(STATE))).toEqual(STATE);
    expect(decodeView(encodeView(STATE, undefined, "b."), "b.")).toEqual(STATE);
  });

  it("keeps the place to far less than a screen pixel at any zoom", () => {
    for (const z of [100, 3.7, 0.25, 0.01]) {
      const x = 98765.43210987;
      const back = decodeView(encodeView({ ...STATE, pose: { x, y: x, z, r: 0 } })).pose;
      expect(Math.abs((back?.x ?? 0) - x) / z).toBeLessThan(0.1);
    }
  });

  it("leaves other keys and the other pane alone", () => {
    const search = encodeView(STATE, new URLSearchParams("panel=1&a.x=5"), "b.");
    expect(search.get("panel")).toBe("1");
    expect(search.get("a.x")).toBe("5");
  });

  it("says nothing of what is as usual", () => {
    const usual = { ...UNSAID, pose: { x: 1, y: 2, z: 3, r: 0 } };
    expect(encodeView(usual).toString()).toBe("x=1&y=2&z=3");
  });

  it("names a computed plane by its word", () => {
    const search = encodeView({ ...STATE, plane: "extended-depth" });
    expect(search.get("plane")).toBe("extended-depth");
    expect(decodeView(search).plane).toBe("extended-depth");
    expect(decodeView(new URLSearchParams("plane=sharpest")).plane).toBe(0);
  });

  it("that makes no sense is ignored", () => {
    expect(decodeView(new URLSearchParams("solo=-1&mix=somewhere&cells=2"))).toEqual(UNSAID);
    expect(decodeView(new URLSearchParams("x=1&y=2&z=-3")).pose).toBeNull();
    expect(decodeView(new URLSearchParams("x=1&y=&z=3")).pose).toBeNull();
    expect(decodeView(new URLSearchParams("x=1&y=NaN&z=3&plane=-4")).plane).toBe(0);
    expect(decodeView(new URLSearchParams("x=1&y=2&z=3&r=-90")).pose?.r).toBe(270);
  });
});

const CHANNELS = ["DAPI", "CD8", "CK", "PD-L1", "FoxP3"].map((name, number) => ({
  name,
  colour: `#0000${number}F`,
  window: [0, 1000 + number] as [number, number],
}));

describe("channels", () => {
  it("are on at first only as long as the mix stays readable", () => {
    expect(defaultSettings(CHANNELS).filter((setting) => setting.visible)).toHaveLength(4);
  });

  it("come back from an address", () => {
    const settings = defaultSettings(CHANNELS).map((setting) => ({ ...setting, visible: setting.number % 2 === 0, low: 10.5 }));
    const back = decodeChannels(encodeChannels(settings), defaultSettings(CHANNELS));
    expect(back.filter((setting) => setting.visible)).toEqual(settings.filter((setting) => setting.visible));
    expect(back.map((setting) => setting.visible)).toEqual(settings.map((setting) => setting.visible));
  });

  it("may all be off", () => {
    const off = defaultSettings(CHANNELS).map((setting) => ({ ...setting, visible: false }));
    expect(decodeChannels(encodeChannels(off), defaultSettings(CHANNELS)).some((setting) => setting.visible)).toBe(false);
  });

  it("spelled wrongly leave the image's own settings", () => {
    expect(decodeChannels("9-ff0000-0-5_rubbish_0-ff0000-9-3", defaultSettings(CHANNELS))).toEqual(defaultSettings(CHANNELS));
  });

  it("are mixed by the server as the address says", () => {
    const off = defaultSettings(CHANNELS.slice(0, 2)).map((setting) => ({ ...setting, visible: false }));
    expect(compositeAddress(off)).toBe("composite?c=0-000000-0-1000");
    const bent = defaultSettings(CHANNELS.slice(0, 1)).map((setting) => ({ ...setting, gamma: 0.45 }));
    expect(compositeAddress(bent)).toBe("composite?c=0-00000f-0-1000-0.45");
    expect(decodeChannels(encodeChannels(bent), defaultSettings(CHANNELS))[0]?.gamma).toBe(0.45);
    expect(decodeChannels("0-ff0000-0-9-99", defaultSettings(CHANNELS))).toEqual(defaultSettings(CHANNELS));
    expect(compositeAddress(defaultSettings(CHANNELS.slice(0, 2)))).toBe("composite?c=0-00000f-0-1000&c=1-00001f-0-1001");
  });
});

describe("turning by two fingers", () => {
  it("snaps upright near upright, however often one has turned", () => {
    expect([3, -6.5, 359, 366, 720].map(uprightNear)).toEqual([0, 0, 360, 360, 720]);
    expect([8, -8, 37, 180, 352].map(uprightNear)).toEqual([8, -8, 37, 180, 352]);
  });
});
