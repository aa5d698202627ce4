/** One scanner and stain: its charts, its weeks, and the slides of a week. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { driftSlidesQuery } from "../../api/appraisal";
import type { DriftLine, DriftMeasure, DriftShown, LineDrift } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { Icon } from "../../ui/icons";
import { chartOf, MEASURES, scannerOf, weeksOf, type Dot, type DriftState } from "./drift_state";

const [WIDTH, HEIGHT, EDGE] = [480, 96, 6];

function Picture({ shown }: { shown: DriftMeasure }) {
  const { medians, averages, band } = chartOf(shown, WIDTH, HEIGHT);
  const line = averages.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const mark = ({ x, y, monday, isOutside }: Dot) => <circle key={monday} cx={x} cy={y} r={isOutside ? 4 : 2.5} className={isOutside ? "outside" : ""} />;
  return (
    <svg aria-hidden="true" viewBox={`${-EDGE} ${-EDGE} ${WIDTH + 2 * EDGE} ${HEIGHT + 2 * EDGE}`}>
      {band && (
        <>
          <rect className="band" x={0} y={band.top} width={WIDTH} height={band.bottom - band.top} />
          <line className="centre" x1={0} x2={WIDTH} y1={band.centre} y2={band.centre} />
        </>
      )}
      <g className="medians">{medians.map((each) => mark({ ...each, isOutside: false }))}</g>
      <polyline className="averages" points={line} />
      <g className="averages">{averages.map(mark)}</g>
    </svg>
  );
}

/** A chart with what it judges by, and since when it is beyond that. */
function Chart({ shown, data }: { shown: DriftMeasure; data: DriftShown }) {
  const { t } = useTranslation();
  const { date, figure, number } = useFormats();
  const { limits, alarm, measure } = shown;
  return (
    <figure className="drift-chart">
      <figcaption>{t(`drift.measure.${measure}`)}</figcaption>
      <Picture shown={shown} />
      {limits ? (
        <p className="second">
          {t("drift.limits", {
            lower: figure(limits.lower),
            upper: figure(limits.upper),
            begin: date(limits.begin),
            end: date(limits.end),
            days: number(limits.days),
            scans: number(limits.scans),
          })}
        </p>
      ) : (
        <p className="second">{t("drift.tooFew", { days: number(shown.days), wanted: number(data.reference_days), scans: number(data.least_scans_a_day) })}</p>
      )}
      {alarm && (
        <p className="alarm">
          <Icon name="warning" />{" "}
          {t(alarm.by < 0 ? "drift.alarm.below" : "drift.alarm.above", { since: date(alarm.since), average: figure(alarm.average), by: figure(Math.abs(alarm.by)), deviations: figure(Math.abs(alarm.deviations)) })}
        </p>
      )}
    </figure>
  );
}

function Slides({ line, monday, by }: { line: DriftLine; monday: string; by: DriftState["by"] }) {
  const { t } = useTranslation();
  const { date, dateTime, figure } = useFormats();
  const problemText = useProblemText();
  const { data, error } = useQuery(driftSlidesQuery(line, monday, by));
  if (error) return <p role="alert">{problemText(error)}</p>;
  if (!data) return null;
  return (
    <section aria-label={t("drift.slides")}>
      <h2>{t("drift.slidesOf", { monday: date(monday) })}</h2>
      {data.length === 0 && <p className="second">{t("drift.noSlides")}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">{t("drift.slide")}</th>
            <th scope="col">{t("drift.scannedAt")}</th>
            {MEASURES.map((measure) => (
              <th key={measure} scope="col">
                {t(`drift.measure.${measure}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.map((slide) => (
            <tr key={slide.image_id}>
              <th scope="row">
                <Link to="/slides/$id" params={{ id: slide.image_id }} search={{}}>
                  {slide.name}
                </Link>
              </th>
              <td className="second">{dateTime(slide.scanned_at)}</td>
              {MEASURES.map((measure) => {
                const value = slide.values[measure];
                return <td key={measure}>{value === undefined ? "–" : figure(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function DriftOfLine({ shown, data, state }: { shown: LineDrift; data: DriftShown; state: DriftState }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { date, figure, number } = useFormats();
  const name = [scannerOf(shown.line), said(shown.stain_name.en, shown.stain_name.zh)].map((one) => one || t("drift.unstated")).join(" · ");
  return (
    <section aria-label={t("drift.chosen")}>
      <h2>{name}</h2>
      <p className="second">{t("drift.how")}</p>
      <div className="drift-charts">
        {shown.measures.map((each) => (
          <Chart key={each.measure} shown={each} data={data} />
        ))}
      </div>
      <div className="drift-table" tabIndex={0} role="region" aria-label={t("drift.weeks")}>
        <table>
          <caption className="second">{t("drift.weeks.caption")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("drift.week")}</th>
              <th scope="col">{t("drift.scans")}</th>
              {MEASURES.map((measure) => (
                <th key={measure} scope="col">
                  {t(`drift.measure.${measure}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeksOf(shown).map((week) => (
              <tr key={week.monday} className={week.monday === state.week ? "chosen" : ""}>
                <th scope="row">
                  <Link to="/scanners" replace search={{ ...state, week: week.monday }} aria-current={week.monday === state.week}>
                    {date(week.monday)}
                  </Link>
                </th>
                <td>{number(week.scans)}</td>
                {MEASURES.map((measure) => {
                  const told = week.measures[measure];
                  return (
                    <td key={measure} className={told && told.outside > 0 ? "alarm" : ""}>
                      {told ? figure(told.median) : "–"}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {state.week !== undefined && <Slides line={shown.line} monday={state.week} by={state.by} />}
    </section>
  );
}
