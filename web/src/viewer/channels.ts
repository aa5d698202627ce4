/** How the channels of a fluorescence image are mixed on the screen. */
import type { Channel } from "../api/types";

export interface ChannelSetting {
  number: number;
  /** RRGGBB, lower case, without a hash. */
  colour: string;
  low: number;
  high: number;
  visible: boolean;
}

/** Additive mixing of many channels soon turns white: so many are on at first. */
const FIRST_VISIBLE = 4;
const DEFAULT_WINDOW: [number, number] = [0, 65535];

export function defaultSettings(channels: readonly Channel[]): ChannelSetting[] {
  return channels.map((channel, number) => ({
    number,
    colour: channel.colour.replace("#", "").toLowerCase(),
    low: (channel.window ?? DEFAULT_WINDOW)[0],
    high: (channel.window ?? DEFAULT_WINDOW)[1],
    visible: number < FIRST_VISIBLE,
  }));
}

const figure = (value: number) => String(Math.round(value * 1000) / 1000);
const spell = (setting: ChannelSetting) =>
  `${setting.number}-${setting.colour}-${figure(setting.low)}-${figure(setting.high)}`;

/** The channel part of a composite tile's address. */
export function compositeAddress(settings: readonly ChannelSetting[]): string {
  const visible = settings.filter((setting) => setting.visible);
  return `composite?${visible.map((setting) => `c=${spell(setting)}`).join("&")}`;
}

/** Short text for a page address; channels that are off are left out. */
export function encodeChannels(settings: readonly ChannelSetting[]): string {
  const visible = settings.filter((setting) => setting.visible);
  return visible.length === 0 ? "none" : visible.map(spell).join("_");
}

const SPELLED = /^(\d+)-([0-9a-fA-F]{6})-(-?[\d.]+)-(-?[\d.]+)$/;

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
    if (!(high > low)) continue;
    Object.assign(setting, { colour: (match[2] ?? "").toLowerCase(), low, high, visible: true });
    understood = true;
  }
  return understood ? settings : defaults.map((setting) => ({ ...setting }));
}
