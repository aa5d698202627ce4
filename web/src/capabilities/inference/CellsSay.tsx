/** What a run measured of the cells of a slide. On a slide it says nothing until asked. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ModelRun } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { Button } from "../../ui/controls";
import type { Region } from "../reports/place";
import { AskReveal } from "./AskReveal";

type Cells = NonNullable<ModelRun["cells"]>;
type Measured = Cells["area_um2"];

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Told({ cells, onGo }: { cells: Cells; onGo: ((place: Region) => void) | undefined }) {
  const { t } = useTranslation();
  const named = useSaidIn();
  const { figure, number, percent } = useFormats();
  const said = ({ value, low, high }: Measured, factor = 1): string => {
    const is = figure(value * factor);
    return low === null || high === null ? is : t("runs.cells.within", { is, low: figure(low * factor), high: figure(high * factor) });
  };
  const { candidates_per_mm2: density, hotspot_per_mm2: most, hotspot_mm2: area, hotspot } = cells;
  return (
    <>
      <dl className="cells-said">
        <Row name={t("runs.cells.count")} value={number(cells.count)} />
        {cells.classes.map((each) => (
          <Row
            key={each.title}
            name={t("runs.cells.class", { name: named(each.title, each.title_zh) })}
            value={t("runs.cells.ofAll", { is: number(each.count), share: percent(each.count / cells.count) })}
          />
        ))}
        <Row name={t("runs.cells.area")} value={said(cells.area_um2)} />
        <Row name={t("runs.cells.sd")} value={said(cells.area_sd_um2)} />
        <Row name={t("runs.cells.cv")} value={said(cells.area_cv, 100)} />
        <Row name={t("runs.cells.form")} value={said(cells.circularity_cv, 100)} />
        {cells.candidates !== null && <Row name={t("runs.cells.candidates")} value={number(cells.candidates)} />}
        {density && <Row name={t("runs.cells.density")} value={said(density)} />}
        {most && area !== null && <Row name={t("runs.cells.hotspot", { area: figure(area) })} value={said(most)} />}
      </dl>
      {hotspot && onGo && (
        <Button look="quiet" icon="fit" onPress={() => { onGo(hotspot); }}>{t("runs.cells.go")}</Button>
      )}
      <span className="second">{t(cells.candidates === null ? "runs.cells.few" : "runs.cells.caution")}</span>
    </>
  );
}

export function CellsSay({ run, isRevealed, onGo }: { run: ModelRun; isRevealed: boolean; onGo?: (place: Region) => void }) {
  const [asked, setAsked] = useState(isRevealed);
  if (!run.cells) return null;
  return asked ? <Told cells={run.cells} onGo={onGo} /> : <AskReveal run={run} onKept={() => { setAsked(true); }} />;
}
