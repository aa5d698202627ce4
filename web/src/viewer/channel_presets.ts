/** Looks of channels that a person keeps. They go by the names of channels, so that one holds for every slide of a panel. */
import type { Channel, Settings } from "../api/types";
import type { ChannelSetting } from "./channels";

export type ChannelPreset = Settings["channel_presets"][number];

export const MOST_PRESETS = 40;

/** The name that a channel goes by: its own, or its number. */
export const channelName = (channels: readonly Channel[], number: number) => channels[number]?.name || String(number + 1);

export function presetOf(name: string, channels: readonly Channel[], settings: readonly ChannelSetting[]): ChannelPreset {
  const looks = settings.map(({ number, colour, low, high, gamma, visible }) => [channelName(channels, number), { colour, low, high, gamma, visible }] as const);
  return { name, channels: Object.fromEntries(looks) };
}

/** The settings in the look of a preset; channels that it does not know are off. Null where it knows none. */
export function inPreset(preset: ChannelPreset, channels: readonly Channel[], settings: readonly ChannelSetting[]): ChannelSetting[] | null {
  const known = settings.map((setting) => preset.channels[channelName(channels, setting.number)]);
  if (known.every((look) => look === undefined)) return null;
  return settings.map((setting, index) => ({ ...setting, ...(known[index] ?? { visible: false }) }));
}

/** The presets with this one, in the place of another of its name. */
export function withPreset(presets: readonly ChannelPreset[], preset: ChannelPreset): ChannelPreset[] {
  const others = presets.filter(({ name }) => name !== preset.name);
  return [...others, preset].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST_PRESETS);
}
