/** How the channels of a fluorescence image are mixed on the screen. */
import type { Channel, SlideLook } from "../api/types";

export interface ChannelSetting {
  number: number;
  /** RRGGBB, lower case, without a hash. */
  colour: string;
  low: number;
  high: number;
  /** The power that the signal between low and high is raised to: below 1, faint signal is brighter. */
  gamma: number;
  visible: boolean;
}

/** Additive mixing of many channels soon turns white: so many are on at first. */
const FIRST_VISIBLE = 4;
const DEFAULT_WINDOW: [number, number] = [0, 65535];
export const LEAST_GAMMA = 0.1;
export const MOST_GAMMA = 10;

export function defaultSettings(channels: readonly Channel[]): ChannelSetting[] {
  return channels.map((channel, number) => ({
    number,
    colour: channel.colour.replace("#", "").toLowerCase(),
    low: (channel.window ?? DEFAULT_WINDOW)[0],
    high: (channel.window ?? DEFAULT_WINDOW)[1],
    gamma: 1,
    visible: number < FIRST_VISIBLE,
  }));
}

/** What a reader begins with: the look that somebody gave to the slide, else what the image proposes. */
export const firstSettings = (channels: readonly Channel[], look: SlideLook | null): ChannelSetting[] =>
  look === null ? defaultSettings(channels) : look.channels.map((channel) => ({ ...channel }));

const figure = (value: number) => String(Math.round(value * 1000) / 1000);
const spell = ({ number, colour, low, high, gamma }: ChannelSetting) =>
  `${number}-${colour}-${figure(low)}-${figure(high)}${gamma === 1 ? "" : `-${figure(gamma)}`}`;

/** How bright a sample is shown, 0 to 1. The server and the drawer reckon the same. */
export function signalOf(sample: number, { low, high, gamma }: Pick<ChannelSetting, "low" | "high" | "gamma">): number {
  const signal = Math.min(Math.max((sample - low) / Math.max(high - low, 1e-9), 0), 1);
  return Number.isNaN(signal) ? 0 : signal ** gamma;
}

/** With one channel alone; null for the settings as they are. */
export function soloed(settings: readonly ChannelSetting[], alone: number | null): ChannelSetting[] {
  return settings.map((setting) => (alone === null ? setting : { ...setting, visible: setting.number === alone }));
}

/** The channel part of a composite tile's address. The server mixes at least one channel, so none is one in black. */
export function compositeAddress(settings: readonly ChannelSetting[]): string {
  const shown = settings.filter((setting) => setting.visible);
  const visible = shown.length > 0 ? shown : settings.slice(0, 1).map((setting) => ({ ...setting, colour: "000000" }));
  return `composite?${visible.map((setting) => `c=${spell(setting)}`).join("&")}`;
}

/** Short text for a page address; channels that are off are left out. */
export function encodeChannels(settings: readonly ChannelSetting[]): string {
  const visible = settings.filter((setting) => setting.visible);
  return visible.length === 0 ? "none" : visible.map(spell).join("_");
}

const SPELLED = /^(\d+)-([0-9a-fA-F]{6})-(-?[\d.]+)-(-?[\d.]+)(?:-([\d.]+))?$/;

/** Applies a page address to the image's own settings; parts that make no sense are ignored. */
export function decodeChannels(text: string, defaults: readonly ChannelSetting[]): ChannelSetting[] {
  const settings = defaults.map((setting) => ({ ...setting, visible: false }));
  if (text === "none") return settings;
  let understood = false;
  for (const part of text.split("_")) {
    const match = SPELLED.exec(part);
    const setting = match && settings[Number(match[1])];
    if (!match || !setting) continue;
    const [low, high] = [Number(match[3]), Number(match[4])];
    const gamma = Number(match[5] ?? 1);
    if (!(high > low) || !(gamma >= LEAST_GAMMA && gamma <= MOST_GAMMA)) continue;
    Object.assign(setting, { colour: (match[2] ?? "").toLowerCase(), low, high, gamma, visible: true });
    understood = true;
  }
  return understood ? settings : defaults.map((setting) => ({ ...setting }));
}
