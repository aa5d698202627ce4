import "./layers.css";
import { useTranslation } from "react-i18next";
import type { LayerState } from "../../viewer/layers/stack";
import type { SlideView } from "../../viewer/slide_view";
import { Legend } from "./Legend";
import { useLayerNames, useLayers } from "./use_layers";
import { useTellReveals } from "./use_reveals";
import { useLayerWords } from "./words";

const NONE: readonly LayerState[] = [];

/** On the slide, as long as a layer is: what is drawn of it now, and what its colours mean. */
export function LayersShown({ view }: { view: SlideView }) {
  const { t } = useTranslation();
  const { layers } = useLayers(view);
  const nameOf = useLayerNames();
  const words = useLayerWords(view);
  useTellReveals(view.opening.image_id, layers ?? NONE);
  const shown = (layers ?? NONE).filter((layer) => layer.on);
  if (shown.length === 0) return null;
  return (
    <aside className="layers-shown" aria-label={t("layers.shown")}>
      {shown.map((layer) => (
        <div key={layer.summary.id}>
          <strong>{nameOf(layer.summary)}</strong>
          <span className="second">{t(`layers.origin.${layer.summary.origin}`)}</span>
          <span role="status">{words.state(layer)}</span>
          {layer.summary.stale && <span className="warn">{t("layers.stale")}</span>}
          <Legend layer={layer} words={words} />
        </div>
      ))}
    </aside>
  );
}
