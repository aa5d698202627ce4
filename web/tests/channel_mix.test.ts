import { describe, expect, it } from "vitest";
import { MOST_MIXED, mixShader, mixUniforms } from "../src/viewer/channel_mixer";
import { defaultSettings, signalOf, soloed, type ChannelSetting } from "../src/viewer/channels";
import { inPreset, presetOf, withPreset } from "../src/viewer/channel_presets";
import { isPlane, planeWithin, scannedPlane } from "../src/viewer/planes";
import { SampleTile } from "../src/viewer/sample_tile";

const channel = (number: number, change: Partial<ChannelSetting> = {}): ChannelSetting => ({
  number,
  colour: "ff8000",
  low: 100,
  high: 1100,
  gamma: 1,
  visible: true,
  ...change,
});

describe("the signal of a sample", () => {
  it("runs from black at the low end to full at the high one", () => {
    expect([0, 100, 600, 1100, 65535].map((sample) => signalOf(sample, channel(0)))).toEqual([0, 0, 0.5, 1, 1]);
  });

  it("is raised to gamma", () => {
    expect(signalOf(350, channel(0, { gamma: 0.5 }))).toBeCloseTo(0.5, 12);
    expect(signalOf(100, channel(0, { gamma: 0.5 }))).toBe(0);
  });

  it("of what is no number is none", () => {
    expect(signalOf(NaN, channel(0))).toBe(0);
  });
});

describe("what the shader is told", () => {
  it("is colour, range and layer of the channels that are on and there", () => {
    const settings = [channel(0, { visible: false }), channel(3, { colour: "0072b2" }), channel(5, { gamma: 2 }), channel(9)];
    const { count, layers, tints, curves } = mixUniforms(settings, [5, 3]);
    expect(count).toBe(2);
    expect([...layers.slice(0, 2)]).toEqual([1, 0]);
    expect([...tints.slice(0, 3)].map((part) => Math.round(part * 255))).toEqual([0x00, 0x72, 0xb2]);
    expect([...curves.slice(0, 6)]).toEqual([100, 1000, 1, 100, 1000, 2]);
  });

  it("never is more than it has room for", () => {
    const many = Array.from({ length: 40 }, (_, number) => channel(number));
    expect(mixUniforms(many, many.map(({ number }) => number)).count).toBe(MOST_MIXED);
    expect(mixShader("uint16")).toContain("usampler2DArray");
    expect(mixShader("float32")).not.toContain("usampler2DArray");
  });
});

describe("a tile of samples", () => {
  const wire = (values: number[]) => new Uint16Array(values).buffer;

  it("keeps what is picture of each channel", () => {
    const tile = new SampleTile("uint16", [0, 4], [wire([1, 2, 0, 3, 4, 0]), wire([7, 8, 0, 9, 65535, 0])], { width: 3, height: 2 }, { width: 2, height: 2 });
    expect([...tile.samples]).toEqual([1, 2, 3, 4, 7, 8, 9, 65535]);
    expect(tile.size).toBe(16);
  });

  it("is dark where it is blank, and refused where its length is another", () => {
    const size = { width: 2, height: 1 };
    expect([...new SampleTile("uint16", [0, 1], [null, wire([5, 6])], size, size).samples]).toEqual([0, 0, 5, 6]);
    expect(() => new SampleTile("uint16", [0], [wire([5])], size, size)).toThrow();
    expect(() => new SampleTile("uint16", [0], [new Uint8Array(3).buffer], size, size)).toThrow();
  });
});

describe("looks that are kept", () => {
  const channels = ["DAPI", "CD3", ""].map((name) => ({ name, colour: "#ff0000", window: [0, 10] as [number, number] }));
  const settings = defaultSettings(channels);

  it("go by the names of channels to other slides", () => {
    const preset = presetOf("nuclei", channels, settings.map((setting) => ({ ...setting, gamma: 0.5, visible: setting.number === 0 })));
    const other = [{ name: "CK", colour: "#00ff00", window: [0, 99] as [number, number] }, ...channels];
    const look = inPreset(preset, other, defaultSettings(other));
    expect(look?.map(({ visible }) => visible)).toEqual([false, true, false, false]);
    expect(look?.[1]).toMatchObject({ number: 1, gamma: 0.5, high: 10 });
    expect(inPreset(preset, [other[0] ?? channels[0]].flatMap((one) => one ?? []), defaultSettings(other).slice(0, 1))).toBeNull();
  });

  it("replace each other by name", () => {
    const [one, two] = [presetOf("a", channels, settings), presetOf("a", channels, soloed(settings, 1))];
    expect(withPreset(withPreset([], one), two)).toEqual([two]);
  });
});

describe("planes", () => {
  it("are scanned ones, or computed where there are several", () => {
    expect(planeWithin("best-focus", 7)).toBe("best-focus");
    expect(planeWithin("best-focus", 1)).toBe(0);
    expect([planeWithin(-3, 7), planeWithin(99, 7)]).toEqual([0, 6]);
    expect(scannedPlane("extended-depth", 7)).toBe(3);
    expect([0, "best-focus", "sharpest", 1.5, null].map(isPlane)).toEqual([true, true, false, false, false]);
  });
});
