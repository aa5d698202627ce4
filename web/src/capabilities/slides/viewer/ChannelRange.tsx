import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Slider, SliderThumb, SliderTrack } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { histogramQuery } from "../../../api/slides";
import type { ChannelHistogram } from "../../../api/types";
import { Button } from "../../../ui/controls";
import { LEAST_GAMMA, MOST_GAMMA, signalOf, type ChannelSetting } from "../../../viewer/channels";

const STEPS = 1000;
const CURVE_POINTS = 64;
const DIGITS = 6;

/** The bars of a histogram as one path in a box of `span` by 1, from the bottom; rare samples show too, as the logarithm of the count. */
function barsOf({ counts, first, width }: ChannelHistogram, least: number): string {
  const highest = Math.log1p(Math.max(1, ...counts));
  let path = "";
  for (const [bin, count] of counts.entries()) {
    if (count === 0) continue;
    const left = first + bin * width - least;
    path += `M${left} 1V${1 - Math.log1p(count) / highest}h${width}V1`;
  }
  return path;
}

/** How samples become brightness, over the same box. */
function curveOf(setting: ChannelSetting, least: number, span: number): string {
  const points = Array.from({ length: CURVE_POINTS + 1 }, (_, index) => (index / CURVE_POINTS) * span);
  return `M${points.map((x) => `${x} ${1 - signalOf(least + x, setting)}`).join("L")}`;
}

interface FigureProps {
  label: string;
  text: string;
  value: number;
  isValid: (value: number) => boolean;
  onChange: (value: number) => void;
}

/** A number that counts once it makes sense. */
function Figure({ label, text, value, isValid, onChange }: FigureProps) {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => { setTyped(null); }, [value]);
  const figure = typed === null ? value : Number(typed.replace(",", "."));
  const wrong = !Number.isFinite(figure) || typed === "" || !isValid(figure);
  return (
    <label className="channel-figure">
      <span className="second">{text}</span>
      <input
        className="input"
        inputMode="decimal"
        size={7}
        aria-label={label}
        aria-invalid={wrong}
        value={typed ?? String(Number(value.toPrecision(DIGITS)))}
        onChange={(event) => { setTyped(event.target.value); }}
        onBlur={() => {
          if (!wrong && figure !== value) onChange(figure);
          setTyped(null);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !wrong) onChange(figure);
        }}
      />
    </label>
  );
}

interface ChannelRangeProps {
  id: string;
  plane: number;
  name: string;
  setting: ChannelSetting;
  onChange: (patch: Partial<ChannelSetting>) => void;
}

/** The histogram of a channel with the handles of its range, the same as numbers, gamma, and a range from the samples. */
export function ChannelRange({ id, plane, name, setting, onChange }: ChannelRangeProps) {
  const { t } = useTranslation();
  const { low, high, gamma } = setting;
  const { data: found } = useQuery({ ...histogramQuery(id, setting.number, plane), enabled: setting.visible });
  const least = Math.min(low, found?.least ?? 0);
  const most = Math.max(high, found ? found.first + found.counts.length * found.width : high * 1.5, least + 1e-6);
  const span = most - least;
  const step = span > 20 ? 1 : span / STEPS;
  return (
    <div className="channel-range">
      <Slider
        className="range-slider"
        aria-label={t("channels.range", { name })}
        minValue={least}
        maxValue={most}
        step={step}
        value={[low, high]}
        onChange={(values) => {
          const [from = low, to = high] = values;
          if (to > from) onChange({ low: from, high: to });
        }}
      >
        <svg viewBox={`0 0 ${span} 1`} preserveAspectRatio="none" aria-hidden="true">
          {found && <path className="bars" d={barsOf(found, least)} />}
          <path className="curve" d={curveOf(setting, least, span)} vectorEffect="non-scaling-stroke" />
        </svg>
        <SliderTrack className="range-track">
          <SliderThumb index={0} className="range-thumb low" aria-label={t("channels.low", { name })} />
          <SliderThumb index={1} className="range-thumb high" aria-label={t("channels.high", { name })} />
        </SliderTrack>
      </Slider>
      <div className="channel-figures">
        <Figure label={t("channels.low", { name })} text={t("channels.lowShort")} value={low} isValid={(value) => value < high} onChange={(value) => { onChange({ low: value }); }} />
        <Figure label={t("channels.high", { name })} text={t("channels.highShort")} value={high} isValid={(value) => value > low} onChange={(value) => { onChange({ high: value }); }} />
        <Figure
          label={t("channels.gamma", { name })}
          text={t("channels.gammaShort")}
          value={gamma}
          isValid={(value) => value >= LEAST_GAMMA && value <= MOST_GAMMA}
          onChange={(value) => { onChange({ gamma: value }); }}
        />
        <Button
          look="quiet"
          isDisabled={!found}
          aria-label={t("channels.autoOf", { name })}
          onPress={() => { if (found) onChange({ low: found.auto_low, high: found.auto_high }); }}
        >
          {t("channels.auto")}
        </Button>
      </div>
    </div>
  );
}
