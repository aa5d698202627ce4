/** What a run measured of the cells of a slide. On a slide it says nothing until asked. */
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ModelRun } from "../../api/types";
import { THIN_SPACE, useFormats } from "../../i18n/format";
import { Button } from "../../ui/controls";
import type { Region } from "../reports/place";

type Cells = NonNullable<ModelRun["cells"]>;
type Measured = Cells["area_um2"];

const AREA = `${THIN_SPACE}µm²`;
const DENSITY = `${THIN_SPACE}/mm²`;
const SHARE = `${THIN_SPACE}%`;

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Told({ cells, onGo }: { cells: Cells; onGo: ((place: Region) => void) | undefined }) {
  const { t } = useTranslation();
  const { figure, number } = useFormats();
  const said = ({ value, low, high }: Measured, unit: string, factor = 1): string => {
    const is = `${figure(value * factor)}${unit}`;
    return low === null || high === null ? is : t("runs.cells.within", { is, low: figure(low * factor), high: figure(high * factor) });
  };
  const { candidates_per_mm2: density, hotspot_per_mm2: most, hotspot_mm2: area, hotspot } = cells;
  return (
    <>
      <dl className="cells-said">
        <Row name={t("runs.cells.count")}>{number(cells.count)}</Row>
        <Row name={t("runs.cells.area")}>{said(cells.area_um2, AREA)}</Row>
        <Row name={t("runs.cells.sd")}>{said(cells.area_sd_um2, AREA)}</Row>
        <Row name={t("runs.cells.cv")}>{said(cells.area_cv, SHARE, 100)}</Row>
        <Row name={t("runs.cells.form")}>{said(cells.circularity_cv, SHARE, 100)}</Row>
        {cells.candidates !== null && density && (
          <Row name={t("runs.cells.candidates")}>
            {t("runs.cells.candidatesSaid", { total: number(cells.candidates), density: said(density, DENSITY) })}
          </Row>
        )}
        {most && area !== null && (
          <Row name={t("runs.cells.hotspot", { area: figure(area) })}>{said(most, DENSITY)}</Row>
        )}
      </dl>
      {hotspot && onGo && (
        <Button look="quiet" icon="fit" onPress={() => { onGo(hotspot); }}>{t("runs.cells.go")}</Button>
      )}
      <span className="second">{t(cells.candidates === null ? "runs.cells.few" : "runs.cells.caution")}</span>
    </>
  );
}

export function CellsSay({ run, isRevealed, onGo }: { run: ModelRun; isRevealed: boolean; onGo?: (place: Region) => void }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(isRevealed);
  if (!run.cells) return null;
  if (!asked) return <Button look="quiet" onPress={() => { setAsked(true); }}>{t("runs.reveal")}</Button>;
  return <Told cells={run.cells} onGo={onGo} />;
}
