import { useTranslation } from "react-i18next";
import type { Opening } from "../../../api/types";
import { THIN_SPACE, useFormats } from "../../../i18n/format";
import { keysOf } from "../../../viewer/keys";
import { COMPUTED_PLANES, isComputed, scannedPlane } from "../../../viewer/planes";
import type { SlideOnScreen } from "./use_slide";

const KEY_OF = { "best-focus": "bestFocus", "extended-depth": "extendedDepth" } as const;

/** The scanned planes by a handle, and beside them what can be computed from all. */
export function PlaneChooser({ slide, planes }: { slide: SlideOnScreen; planes: Opening["planes"] }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const scanned = scannedPlane(slide.plane, planes.length);
  const offset = planes[scanned]?.offset_um ?? 0;
  const text = isComputed(slide.plane)
    ? t(`viewer.computed.${slide.plane}`, { planes: planes.length })
    : t("viewer.plane", {
        number: scanned + 1,
        total: planes.length,
        offset: `${offset > 0 ? "+" : ""}${number(offset, 1)}${THIN_SPACE}µm`,
      });
  return (
    <div className="planes" role="group" aria-label={t("viewer.planes")}>
      <input
        type="range"
        min={0}
        max={planes.length - 1}
        value={scanned}
        title={`${keysOf("focusDown")}  ${keysOf("focusUp")}`}
        aria-label={t("viewer.planes")}
        aria-valuetext={text}
        onChange={(event) => { slide.setPlane(Number(event.target.value)); }}
      />
      {COMPUTED_PLANES.map((plane) => (
        <button
          key={plane}
          type="button"
          className="button quiet"
          aria-pressed={slide.plane === plane}
          title={keysOf(KEY_OF[plane])}
          onClick={() => { slide.setPlane(slide.plane === plane ? scanned : plane); }}
        >
          {t(`viewer.computedShort.${plane}`)}
        </button>
      ))}
      <span className={isComputed(slide.plane) ? "computed" : ""}>{text}</span>
    </div>
  );
}
