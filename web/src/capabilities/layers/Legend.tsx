import { useTranslation } from "react-i18next";
import { THIN_SPACE, useFormats } from "../../i18n/format";
import { gradientOf } from "../../viewer/layers/colours";
import type { LayerState } from "../../viewer/layers/stack";
import type { LayerWords } from "./words";

/** Which number each colour stands for; shown whenever colours stand for numbers. */
export function Legend({ layer, words }: { layer: LayerState; words: LayerWords }) {
  const { t } = useTranslation();
  const { figure } = useFormats();
  const { range, shown, look, manifest, pitch } = layer;
  const byValue = shown === "density" || shown === "heatmap" || look.column !== null;
  if (!range || !manifest || !byValue) return null;
  const column = shown === "density" ? undefined : manifest.columns[shown === "heatmap" ? 0 : (look.column ?? 0)];
  const middle = (range.low + range.high) / 2;
  const name = column
    ? `${column.name}${column.unit ? `${THIN_SPACE}(${column.unit})` : ""}`
    : t("layers.perBin", { size: pitch === null ? "" : words.size(pitch) });
  return (
    <figure className="legend" data-legend={layer.summary.id}>
      <figcaption>{name}</figcaption>
      <div className="ramp" style={{ background: gradientOf(range.scale) }} />
      <div className="ticks">
        {[range.low, middle, range.high].map((value, index) => (
          <span key={index}>{figure(value)}</span>
        ))}
      </div>
      {shown === "heatmap" && manifest.abstained > 0 && (
        <p className="second">
          <span className="hatch" aria-hidden="true" /> {t("layers.state.abstained")}
        </p>
      )}
      {column && shown !== "heatmap" && <p className="second">{t("layers.noValue")}</p>}
    </figure>
  );
}
