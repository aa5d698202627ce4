/** What is said of a layer: what is drawn of it, and how large its bins are. */
import { useTranslation } from "react-i18next";
import { THIN_SPACE, useFormats } from "../../i18n/format";
import type { LayerState } from "../../viewer/layers/stack";
import type { SlideView } from "../../viewer/slide_view";

export interface LayerWords {
  state: (layer: LayerState) => string;
  /** The side of a bin in um, or in px where the slide has no scale. */
  size: (pitch: number) => string;
}

export function useLayerWords(view: SlideView): LayerWords {
  const { t } = useTranslation();
  const { number, length } = useFormats();
  const scale = view.opening.spacing_um;
  const size = (pitch: number) => (scale ? length(pitch * scale.x) : `${number(pitch)}${THIN_SPACE}px`);
  return {
    size,
    state: ({ shown, total, inField, pitch, manifest, loading }) => {
      const facts = { total: number(total), seen: inField === null ? "" : number(inField), size: pitch === null ? "" : size(pitch) };
      const isMean = manifest !== null && pitch !== null && pitch > (manifest.rasters[0]?.pitch_px ?? pitch);
      const said =
        shown === "density"
          ? t("layers.state.density", facts)
          : shown === "heatmap"
            ? t(isMean ? "layers.state.heatmapMean" : "layers.state.heatmap", facts)
            : inField === null
              ? t(`layers.state.${shown}Loading`, facts)
              : t(`layers.state.${shown}`, facts);
      return loading ? `${said} · ${t("layers.state.pending")}` : said;
    },
  };
}
