import { useTranslation } from "react-i18next";
import type { Channel } from "../../../api/types";
import { Button } from "../../../ui/controls";
import type { ChannelSetting } from "../../../viewer/channels";

interface ChannelPanelProps {
  channels: readonly Channel[];
  settings: readonly ChannelSetting[];
  onChange: (settings: ChannelSetting[]) => void;
  onReset: () => void;
}

/** On, colour, black and white point of every channel. */
export function ChannelPanel({ channels, settings, onChange, onReset }: ChannelPanelProps) {
  const { t } = useTranslation();
  const change = (number: number, patch: Partial<ChannelSetting>) => {
    onChange(settings.map((setting) => (setting.number === number ? { ...setting, ...patch } : setting)));
  };
  return (
    <section className="block">
      <h3>{t("channels.title")}</h3>
      <ul className="channels">
        {settings.map((setting) => {
          const channel = channels[setting.number];
          const name = channel?.name || String(setting.number + 1);
          const widest = Math.max(1, (channel?.window?.[1] ?? setting.high) * 1.5, setting.high);
          const step = widest > 20 ? 1 : widest / 1000;
          return (
            <li key={setting.number}>
              <div>
                <label>
                  <input
                    type="checkbox"
                    checked={setting.visible}
                    aria-label={t("channels.show", { name })}
                    onChange={(event) => { change(setting.number, { visible: event.target.checked }); }}
                  />
                  {name}
                </label>
                <input
                  type="color"
                  value={`#${setting.colour}`}
                  aria-label={t("channels.colour", { name })}
                  onChange={(event) => { change(setting.number, { colour: event.target.value.slice(1) }); }}
                />
              </div>
              {(["low", "high"] as const).map((end) => (
                <input
                  key={end}
                  type="range"
                  min={0}
                  max={widest}
                  step={step}
                  value={setting[end]}
                  disabled={!setting.visible}
                  aria-label={t(`channels.${end}`, { name })}
                  onChange={(event) => {
                    const value = Number(event.target.value);
                    const valid = end === "low" ? Math.min(value, setting.high - step) : Math.max(value, setting.low + step);
                    change(setting.number, { [end]: valid });
                  }}
                />
              ))}
            </li>
          );
        })}
      </ul>
      <Button look="quiet" onPress={onReset}>
        {t("channels.reset")}
      </Button>
    </section>
  );
}
