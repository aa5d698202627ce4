import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Channel } from "../../../api/types";
import { usePreferences } from "../../../shell/preferences";
import { Button, IconButton } from "../../../ui/controls";
import { inPreset, MOST_PRESETS, presetOf, withPreset } from "../../../viewer/channel_presets";
import type { ChannelSetting } from "../../../viewer/channels";

interface ChannelPresetsProps {
  channels: readonly Channel[];
  settings: readonly ChannelSetting[];
  onChange: (settings: ChannelSetting[]) => void;
}

/** Looks that the reader kept; those that know none of the slide's channels cannot be chosen. */
export function ChannelPresets({ channels, settings, onChange }: ChannelPresetsProps) {
  const { t } = useTranslation();
  const presets = usePreferences((state) => state.settings.channel_presets);
  const change = usePreferences((state) => state.change);
  const [name, setName] = useState("");
  const wanted = name.trim();
  const isFull = presets.length >= MOST_PRESETS && presets.every((preset) => preset.name !== wanted);
  return (
    <div className="channel-presets">
      <h3>{t("channels.presets")}</h3>
      {presets.length === 0 && <p className="second">{t("channels.noPresets")}</p>}
      <ul>
        {presets.map((preset) => {
          const look = inPreset(preset, channels, settings);
          return (
            <li key={preset.name}>
              <Button look="quiet" isDisabled={look === null} onPress={() => { if (look) onChange(look); }}>
                {preset.name}
              </Button>
              <span className="spring" />
              <IconButton
                icon="bin"
                label={t("channels.forget", { name: preset.name })}
                onPress={() => { change({ channel_presets: presets.filter((one) => one !== preset) }); }}
              />
            </li>
          );
        })}
      </ul>
      <form
        className="field"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted === "" || isFull) return;
          change({ channel_presets: withPreset(presets, presetOf(wanted, channels, settings)) });
          setName("");
        }}
      >
        <input className="input" maxLength={60} aria-label={t("channels.presetName")} placeholder={t("channels.presetName")} value={name} onChange={(event) => { setName(event.target.value); }} />
        <Button type="submit" isDisabled={wanted === "" || isFull}>
          {t("channels.keep")}
        </Button>
      </form>
    </div>
  );
}
