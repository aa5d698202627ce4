/** How often second readings differ, with how sure that is, and whether a month is worse than chance allows. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ratesQuery, ratesTableUrl, type RatesAsked } from "../../api/quality";
import type { Rate, RateBy, RatesShown, Subspecialty } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { Icon } from "../../ui/icons";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { usePermission } from "../access/me";
import { useTemplateName } from "../reports/use_template_name";

const GROUPS = ["template", "field", "organ", "site", "month", "model", "reader", "nothing"] as const satisfies readonly RateBy[];
const MONTHS = ["3", "12", "36"] as const;

/** From the first midnight of so many months ago to tomorrow's. */
function askedOf(months: number, by: RateBy, today: Date): RatesAsked {
  const [year, month, day] = [today.getFullYear(), today.getMonth(), today.getDate()];
  return { begin: new Date(year, month - months, day).toISOString(), end: new Date(year, month, day + 1).toISOString(), by };
}

function Shares({ data, by }: { data: RatesShown; by: RateBy }) {
  const { t } = useTranslation();
  const { number, percent } = useFormats();
  const templateName = useTemplateName();
  const nameOf = (name: string) => (by === "field" ? t(`cases.field.${name as Subspecialty}`) : by === "template" ? templateName(name) : name);
  const share = (part: number, whole: number, low: number, high: number) => (whole === 0 ? "–" : `${percent(part / whole)} (${t("turnaround.interval", { low: percent(low), high: percent(high) })})`);
  const row = (rate: Rate, name: string) => (
    <tr key={rate.name} className={rate.name === "" ? "whole" : ""}>
      <th scope="row">{name}</th>
      <td>{number(rate.count)}</td>
      <td>{share(rate.differing, rate.count, rate.low, rate.high)}</td>
      <td>{share(rate.major, rate.count, rate.major_low, rate.major_high)}</td>
    </tr>
  );
  return (
    <table>
      <caption className="second">{t("quality.rates.caption")}</caption>
      <thead>
        <tr>
          <th scope="col">{by === "nothing" ? "" : t(`quality.by.${by}`)}</th>
          <th scope="col">{t("quality.rates.count")}</th>
          <th scope="col">{t("quality.rates.differing")}</th>
          <th scope="col">{t("quality.rates.major")}</th>
        </tr>
      </thead>
      <tbody>
        {data.groups.map((rate) => row(rate, nameOf(rate.name)))}
        {row({ ...data.whole, name: "" }, t("turnaround.whole"))}
      </tbody>
    </table>
  );
}

function Chart({ data }: { data: RatesShown }) {
  const { t } = useTranslation();
  const { number, percent } = useFormats();
  return (
    <section className="block">
      <h2>{t("quality.chart")}</h2>
      <table>
        <caption className="second">{t("quality.chart.caption")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("quality.by.month")}</th>
            <th scope="col">{t("quality.rates.count")}</th>
            <th scope="col">{t("quality.rates.major")}</th>
            <th scope="col">{t("quality.chart.expected")}</th>
            <th scope="col">{t("quality.chart.limit")}</th>
          </tr>
        </thead>
        <tbody>
          {data.chart.map((one) => (
            <tr key={one.month} className={one.is_alarm ? "alarm" : ""}>
              <th scope="row">{one.month}</th>
              <td>{number(one.count)}</td>
              <td>
                {number(one.major)}
                {one.is_alarm && (
                  <>
                    {" "}
                    <Icon name="warning" /> {t("quality.chart.alarm")}
                  </>
                )}
              </td>
              <td>{one.limit === null ? "–" : percent(one.centre)}</td>
              <td>{one.limit === null ? "–" : number(one.limit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function RatesPanel() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const mayManage = usePermission("quality.manage");
  const [by, setBy] = useState<RateBy>("template");
  const [months, setMonths] = useState<(typeof MONTHS)[number]>("12");
  const today = new Date().toDateString();
  const asked = useMemo(() => askedOf(Number(months), by, new Date(today)), [months, by, today]);
  const { data, error, refetch } = useQuery({ ...ratesQuery(asked), placeholderData: keepPreviousData });
  return (
    <div className="quality-panel" tabIndex={0} role="region" aria-label={t("quality.list.rates")}>
      <div className="toolbar">
        <Select label={t("quality.months")} value={months} options={MONTHS.map((value) => ({ value, text: t("quality.months.of", { count: Number(value) }) }))} onChange={setMonths} />
        <Select<RateBy> label={t("turnaround.by")} value={by} options={GROUPS.filter((value) => value !== "reader" || mayManage).map((value) => ({ value, text: t(`quality.by.${value}`) }))} onChange={setBy} />
        <span className="spring" />
        <a className="button" href={ratesTableUrl(asked)} download="rescreening.csv">
          {t("turnaround.export")}
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
      {data && !error && (data.whole.count === 0 ? <p className="blank">{t("quality.rates.none")}</p> : (
        <>
          <Shares data={data} by={by} />
          <Chart data={data} />
        </>
      ))}
    </div>
  );
}
