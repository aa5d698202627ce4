import "./layers.css";
import { useTranslation } from "react-i18next";
import { withPurpose } from "../../api/client";
import { useFormats } from "../../i18n/format";
import { FileButton } from "../../shell/FileButton";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { keysOf } from "../../viewer/keys";
import { layersOf, type LayerStack, type LayerState, type Picked } from "../../viewer/layers/stack";
import type { SlideView } from "../../viewer/slide_view";
import { usePermission } from "../access/me";
import { Legend } from "./Legend";
import { ShapeMark } from "./ShapeMark";
import { useLayerNames, useLayers } from "./use_layers";
import { useReveal } from "./use_reveals";
import { useLayerWords, type LayerWords } from "./words";

function Classes({ layer, stack }: { layer: LayerState; stack: LayerStack }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const nameOf = useLayerNames();
  const { hidden } = layer.look;
  const flip = (index: number) => {
    const next = new Set(hidden);
    if (!next.delete(index)) next.add(index);
    stack.setLook(layer.summary.id, { hidden: next });
  };
  return (
    <fieldset className="classes">
      <legend>{t("layers.classes")}</legend>
      {layer.summary.classes.map((one, index) => (
        <label key={one.name} className="check">
          <input type="checkbox" checked={!hidden.has(index)} onChange={() => { flip(index); }} />
          <ShapeMark shape={one.shape} colour={one.colour} />
          <span>{nameOf(one)}</span>
          <span className="spring" />
          <span className="second">{number(one.count)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ColourBy({ layer, stack }: { layer: LayerState; stack: LayerStack }) {
  const { t } = useTranslation();
  const { columns } = layer.summary;
  const chosen = layer.look.column === null ? undefined : columns[layer.look.column];
  return (
    <>
      <div className="colour-by">
        <span>{t("layers.colourBy")}</span>
        <Select
          label={t("layers.colourBy")}
          value={String(layer.look.column ?? "class")}
          options={[{ value: "class", text: t("layers.byClass") }, ...columns.map((one, index) => ({ value: String(index), text: one.name }))]}
          onChange={(value) => { stack.setLook(layer.summary.id, { column: value === "class" ? null : Number(value) }); }}
        />
      </div>
      {chosen && layer.shown === "density" && <p className="second">{t("layers.columnLater", { name: chosen.name })}</p>}
    </>
  );
}

interface OneLayerProps {
  layer: LayerState;
  stack: LayerStack;
  words: LayerWords;
  imageId: string;
}

function OneLayer({ layer, stack, words, imageId }: OneLayerProps) {
  const { t } = useTranslation();
  const nameOf = useLayerNames();
  const mayExport = usePermission("slides.export");
  const { summary, on, look } = layer;
  const name = nameOf(summary);
  const { dateTime } = useFormats();
  const reveal = useReveal(imageId, summary, on);
  const dicom = withPurpose(`/api/layers/images/${imageId}/${summary.id}/dicom`);
  const file = (form: string) => withPurpose(`/api/layers/images/${imageId}/${summary.id}/export?format=${form}`);
  return (
    <li className="layer" data-layer={summary.id}>
      <label className="check">
        <input
          type="checkbox"
          checked={on}
          aria-label={t("layers.show", { name })}
          onChange={(event) => { void stack.setOn(summary.id, event.target.checked); }}
        />
        <strong>{name}</strong>
        <span className="spring" />
        <kbd>{keysOf(summary.kind === "heatmap" ? "heatmap" : "detections")}</kbd>
      </label>
      <p className="second">
        {t(`layers.origin.${summary.origin}`)} · {t("layers.by", { producer: summary.producer, version: summary.producer_version })}
      </p>
      {summary.stale && <p className="warn">{t("layers.stale")}</p>}
      {on && (
        <>
          <p className="state">{words.state(layer)}</p>
          {reveal && <p className="second">{t("layers.revealed", { at: dateTime(reveal.revealed_at) })}</p>}
          <input
            type="range"
            min={0.05}
            max={1}
            step={0.05}
            value={look.opacity}
            aria-label={t("layers.opacity", { name })}
            onChange={(event) => { stack.setLook(summary.id, { opacity: Number(event.target.value) }); }}
          />
          <Legend layer={layer} words={words} />
          {summary.classes.length > 0 && <Classes layer={layer} stack={stack} />}
          {summary.kind !== "heatmap" && summary.columns.length > 0 && <ColourBy layer={layer} stack={stack} />}
          {layer.failed > 0 && (
            <p role="alert" className="wrong">
              {t("layers.failed", { count: layer.failed })} <Button look="quiet" onPress={() => { stack.retry(summary.id); }}>{t("action.retry")}</Button>
            </p>
          )}
          {mayExport && (
            <p className="second">
              {t("layers.export")} <a href={dicom} download>{"DICOM"}</a>
              {summary.kind !== "heatmap" && (
                <>
                  {" · "}<a href={file("geojson")} download>{"GeoJSON"}</a> · <a href={file("csv")} download>{"CSV"}</a>
                </>
              )}
              {" · "}
              <FileButton path={`/api/layers/images/${imageId}/${summary.id}/export?format=parquet`} name={`${name}.parquet`}>{"Parquet"}</FileButton>
            </p>
          )}
        </>
      )}
    </li>
  );
}

function PickedOnes({ picked, layers, stack }: { picked: readonly Picked[] | null; layers: readonly LayerState[]; stack: LayerStack }) {
  const { t } = useTranslation();
  const { number, figure } = useFormats();
  const nameOf = useLayerNames();
  const say = (one: Picked): string => {
    const layer = layers.find((each) => each.summary.id === one.layer);
    if (!layer) return "";
    const { classes, columns } = layer.summary;
    if (one.kind === "abstained") return t("layers.pickedAbstained");
    if (one.kind === "bin") {
      if (layer.shown === "density") return t("layers.pickedBin", { value: number(one.value) });
      return t("layers.pickedValue", { name: columns[0]?.name ?? "", value: `${figure(one.value)} ${columns[0]?.unit ?? ""}`.trim() });
    }
    const own = classes[one.classIndex];
    const values = columns.flatMap((column, index) => {
      const value = one.values[index];
      return value === null || value === undefined ? [] : [`${column.name} ${figure(value)} ${column.unit}`.trim()];
    });
    return [t("layers.pickedCell", { class: own ? nameOf(own) : "", row: number(one.row + 1) }), ...values].join(" · ");
  };
  return (
    <div className="picked">
      <Button look="quiet" onPress={() => { stack.pickCentre(); }}>
        {t("layers.pickCentre")}
      </Button>
      <div role="status">
        {picked && (
          <>
            <h4>{t("layers.picked")}</h4>
            {picked.length === 0 ? <p>{t("layers.pickedNothing")}</p> : picked.map((one) => <p key={one.layer}>{say(one)}</p>)}
          </>
        )}
      </div>
    </div>
  );
}

/** Layers of the slide: on and off, look, classes, legend, and what is at a place. */
export function LayerPanel({ view }: { view: SlideView }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { layers, error, picked } = useLayers(view);
  const words = useLayerWords(view);
  const stack = layersOf(view);
  return (
    <section className="block layers">
      {error !== null && (
        <p role="alert" className="wrong">
          {problemText(error)} <Button look="quiet" onPress={() => void stack.list()}>{t("action.retry")}</Button>
        </p>
      )}
      {layers === null && error === null && <p className="second">{t("layers.loading")}</p>}
      {layers?.length === 0 && (
        <>
          <p>{t("layers.none")}</p>
          <p className="second">{t("layers.noneHow")}</p>
        </>
      )}
      {layers && layers.length > 0 && (
        <>
          <ul>
            {layers.map((layer) => (
              <OneLayer key={layer.summary.id} layer={layer} stack={stack} words={words} imageId={view.opening.image_id} />
            ))}
          </ul>
          {layers.some((layer) => layer.on) && <PickedOnes picked={picked} layers={layers} stack={stack} />}
        </>
      )}
    </section>
  );
}
