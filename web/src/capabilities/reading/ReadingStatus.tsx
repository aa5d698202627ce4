import "./reading.css";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { Icon } from "../../ui/icons";
import type { SlideView } from "../../viewer/slide_view";
import { CoverageBars } from "./CoverageBars";
import { powerOf, sureShare, type Reading } from "./use_reading";

/** How much was seen at the present power, and where one is on the walk. */
export function ReadingStatus({ reading, view, masked }: { reading: Reading; view: SlideView | null; masked: boolean }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { live, band, message } = reading;
  const grid = live?.coverage.grids[band];
  const share = live && grid ? live.coverage.share(band) : null;
  const names = { magnification: grid && view ? powerOf(grid, view, formats) : "", share: formats.percent(sureShare(share ?? 0)) };
  const ofTissue = live?.coverage.tissue != null;
  return (
    <>
      <span className="reading-status">
        {share !== null && share >= 1 && <Icon name="check" />}
        {share !== null && <span>{t(share >= 1 ? "reading.allSeen" : ofTissue ? "reading.share" : "reading.shareOfImage", names)}</span>}
      </span>
      {masked && <span className="mask-legend">{t("reading.maskLegend")}</span>}
      <span className="walk-message" role="status">
        {message}
      </span>
    </>
  );
}

/** The bars of the slide on the screen. */
export function ReadingBars({ reading, view }: { reading: Reading; view: SlideView }) {
  const formats = useFormats();
  const coverage = reading.live?.coverage;
  if (!coverage) return null;
  const shares = coverage.grids.map((grid, band) => ({ name: powerOf(grid, view, formats), share: coverage.share(band) }));
  return <CoverageBars shares={shares} ofTissue={coverage.tissue !== null} present={reading.band} />;
}
