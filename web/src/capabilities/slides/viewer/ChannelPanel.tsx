import "./channels.css";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { histogramQuery } from "../../../api/slides";
import { useFormats } from "../../../i18n/format";
import { Button, Check, IconButton } from "../../../ui/controls";
import type { ChannelSetting } from "../../../viewer/channels";
import { channelName } from "../../../viewer/channel_presets";
import { keysOf } from "../../../viewer/keys";
import { scannedPlane } from "../../../viewer/planes";
import { ChannelPresets } from "./ChannelPresets";
import { ChannelRange } from "./ChannelRange";
import { FirstLook } from "./FirstLook";
import type { SlideOnScreen } from "./use_slide";

/** Who mixes the channels, in words, and the switch for it. */
function MixedBy({ slide }: { slide: SlideOnScreen }) {
  const { t } = useTranslation();
  const { mixing } = slide;
  if (!mixing) return null;
  const mayChoose = mixing.why === "able" || mixing.why === "chosen" || mixing.why === "many";
  return (
    <div className="mixed-by">
      <Check label={t("channels.spare")} checked={mixing.by === "server"} disabled={!mayChoose} onChange={slide.setSparing} />
      <p className="second">{t(`channels.mixed.${mixing.why}`)}</p>
    </div>
  );
}

/** What the histograms count, and what Auto makes of them: the same for every channel. */
function Counted({ id, channel, plane }: { id: string; channel: number; plane: number }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const { data: found } = useQuery(histogramQuery(id, channel, plane));
  if (!found) return null;
  const [low, high] = found.auto_percent;
  const percents = { low: number(low, 1), high: number(high, 1) };
  return <p className="second">{t("channels.counted", { samples: number(found.samples), level: found.level, ...percents })}</p>;
}

/** On, colour, range and gamma of every channel; presets; one channel alone; each in a cell of its own. */
export function ChannelPanel({ id, slide }: { id: string; slide: SlideOnScreen }) {
  const { t } = useTranslation();
  const { opening, channels: settings, solo } = slide;
  if (!opening) return null;
  const plane = scannedPlane(slide.plane, opening.planes.length);
  const first = settings.find(({ visible }) => visible);
  const change = (number: number, patch: Partial<ChannelSetting>) => {
    slide.setChannels(settings.map((setting) => (setting.number === number ? { ...setting, ...patch } : setting)));
  };
  return (
    <section className="block">
      <h3>{t("channels.title")}</h3>
      <ul className="channels">
        {settings.map((setting) => {
          const { number } = setting;
          const name = channelName(opening.channels, number);
          const isShown = solo === null ? setting.visible : solo === number;
          return (
            <li key={number} className={isShown ? "" : "off"}>
              <div className="channel-head">
                <label>
                  <input
                    type="checkbox"
                    checked={setting.visible}
                    aria-label={t("channels.show", { name })}
                    onChange={(event) => { change(number, { visible: event.target.checked }); }}
                  />
                  {number < 9 && <kbd>{number + 1}</kbd>}
                  <span className="channel-name" title={name}>{name}</span>
                </label>
                <IconButton icon="eye" label={t("channels.solo", { name })} pressed={solo === number} onPress={() => { slide.setSolo(solo === number ? null : number); }} />
                <input
                  type="color"
                  value={`#${setting.colour}`}
                  aria-label={t("channels.colour", { name })}
                  onChange={(event) => { change(number, { colour: event.target.value.slice(1) }); }}
                />
              </div>
              <ChannelRange id={id} plane={plane} name={name} setting={setting} onChange={(patch) => { change(number, patch); }} />
            </li>
          );
        })}
      </ul>
      {first && <Counted id={id} channel={first.number} plane={plane} />}
      <div className="channel-actions">
        <Button look="quiet" onPress={slide.resetChannels}>
          {t(slide.firstLook ? "channels.resetLook" : "channels.reset")}
        </Button>
        <span className="spring" />
        <IconButton icon="grid" label={t("channels.cells")} keys={keysOf("channelCells")} pressed={slide.cells} onPress={() => { slide.setCells(!slide.cells); }} />
      </div>
      <FirstLook id={id} slide={slide} />
      <MixedBy slide={slide} />
      <ChannelPresets channels={opening.channels} settings={settings} onChange={slide.setChannels} />
    </section>
  );
}
