/** Whether scanners and stains are what they were: a line for each scanner and stain, and the charts of one of them. */
import "../cases/cases.css";
import "./drift.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { driftQuery, driftTableUrl } from "../../api/appraisal";
import type { DriftShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { InHeader } from "../../shell/header_slot";
import { useProblemText } from "../../shell/problem";
import { Button, Select, TextField } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { usePermission } from "../access/me";
import { PurposeChip } from "../slides/access/PurposeChip";
import { DriftOfLine } from "./DriftOfLine";
import { driftAskedOf, keyOf, MEASURES, MONTHS, scannerOf, splitsOf, type DriftState, type Months } from "./drift_state";

const GROUPINGS = ["scanner", "model"] as const;

function Lines({ data, state }: { data: DriftShown; state: DriftState }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { figure, number } = useFormats();
  return (
    <table>
      <caption className="second">{t("drift.caption", { scans: number(data.least_scans_a_day) })}</caption>
      <thead>
        <tr>
          <th scope="col">{t("drift.scanner")}</th>
          <th scope="col">{t("drift.stain")}</th>
          <th scope="col">{t("drift.laboratory")}</th>
          <th scope="col">{t("drift.scans")}</th>
          <th scope="col">{t("drift.rejected")}</th>
          {MEASURES.map((measure) => (
            <th key={measure} scope="col">
              {t(`drift.measure.${measure}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.lines.map((one) => {
          const key = keyOf(one.line);
          return (
            <tr key={key} className={key === state.line ? "chosen" : ""}>
              <th scope="row">
                <Link to="/scanners" replace search={{ ...state, line: key }} aria-current={key === state.line}>
                  {scannerOf(one.line) || t("drift.unstated")}
                </Link>
              </th>
              <td>{said(one.stain_name.en, one.stain_name.zh) || t("drift.unstated")}</td>
              <td>{one.laboratories.join(", ")}</td>
              <td>{number(one.scans)}</td>
              <td>{one.rejected === 0 ? "" : number(one.rejected)}</td>
              {MEASURES.map((measure) => {
                const found = one.measures.find((each) => each.measure === measure);
                const last = found?.weeks.at(-1);
                return (
                  <td key={measure} className={found?.alarm ? "alarm" : ""}>
                    {last && figure(last.median)}
                    {found?.alarm && (
                      <>
                        {" "}
                        <Icon name="warning" />
                        <span className="visually-hidden">{t("drift.beyond")}</span>
                      </>
                    )}
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Which lines may be of one scanner and were parted by what they state, so that too few scans are left to each. */
function Splits({ data, onJoin }: { data: DriftShown; onJoin: () => void }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { number } = useFormats();
  const splits = splitsOf(data.lines).filter(({ few }) => few > 0);
  if (splits.length === 0) return null;
  return (
    <section className="drift-splits" aria-label={t("drift.split")}>
      <h2>{t("drift.split")}</h2>
      <ul>
        {splits.map(({ by, lines, few }) => {
          const [first] = lines;
          if (!first) return null;
          const { vendor, scanner_model, scanner_serial } = first.line;
          const scanner = by === "serial" ? [vendor, scanner_model].filter(Boolean).join(" ") : scanner_serial;
          const name = [scanner, said(first.stain_name.en, first.stain_name.zh) || t("drift.unstated")].join(" · ");
          return <li key={`${by}/${keyOf(first.line)}`}>{t(`drift.split.${by}`, { name, count: lines.length, few: number(few) })}</li>;
        })}
      </ul>
      {splits.some(({ by }) => by === "serial") && (
        <p>
          {t("drift.split.why")} <Button onPress={onJoin}>{t("drift.split.join")}</Button>
        </p>
      )}
    </section>
  );
}

export function DriftPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const state = useSearch({ from: "/scanners" });
  const mayView = usePermission("quality.view");
  const today = new Date().toDateString();
  const asked = useMemo(() => driftAskedOf(state, new Date(today)), [state, today]);
  const { data, error, refetch } = useQuery({ ...driftQuery(asked), enabled: mayView, placeholderData: keepPreviousData });
  const change = (patch: { [K in keyof DriftState]?: DriftState[K] | undefined }) =>
    void navigate({ to: "/scanners", replace: true, search: (before) => Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined)) as DriftState });
  if (!mayView) return <p className="blank">{t("drift.notYours")}</p>;
  const chosen = data?.lines.find(({ line }) => keyOf(line) === state.line);
  return (
    <div className="case-page drift">
      <title>{`${t("drift.title")} · ${t("app.name")}`}</title>
      <h1>{t("drift.title")}</h1>
      <InHeader>
        <PurposeChip />
      </InHeader>
      <div className="toolbar" role="search" aria-label={t("drift.filter")}>
        <Select<Months> label={t("drift.months")} value={state.months ?? "12"} options={MONTHS.map((value) => ({ value, text: t("drift.months.of", { count: Number(value) }) }))} onChange={(months) => { change({ months }); }} />
        <Select<(typeof GROUPINGS)[number]>
          label={t("drift.by")}
          value={state.by ?? "scanner"}
          options={GROUPINGS.map((value) => ({ value, text: t(`drift.by.${value}`) }))}
          onChange={(by) => { change({ by: by === "model" ? by : undefined, line: undefined, week: undefined }); }}
        />
        <span className="second">{t("drift.reference")}</span>
        <TextField hidden label={t("drift.reference.from")} type="date" value={state.from ?? ""} max={state.to} onChange={(from) => { change({ from: from || undefined }); }} />
        <span aria-hidden="true">–</span>
        <TextField hidden label={t("drift.reference.to")} type="date" value={state.to ?? ""} onChange={(to) => { change({ to: to || undefined }); }} />
        <span className="spring" />
        <a className="button" href={driftTableUrl(asked)} download="scanners-and-stains.csv">
          {t("drift.export")}
        </a>
      </div>
      {error && (
        <div className="blank" role="alert">
          <p>{problemText(error)}</p>
          <Button icon="retry" onPress={() => void refetch()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {data && !error && (data.lines.length === 0 ? <p className="blank">{t("drift.none")}</p> : (
        <div className="drift-table" tabIndex={0} role="region" aria-label={t("drift.lines")}>
          <Lines data={data} state={state} />
        </div>
      ))}
      {data && !error && <Splits data={data} onJoin={() => { change({ by: "model", line: undefined, week: undefined }); }} />}
      {data && chosen && !error && <DriftOfLine shown={chosen} data={data} state={state} />}
    </div>
  );
}
