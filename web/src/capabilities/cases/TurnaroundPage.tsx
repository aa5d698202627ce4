/** How long cases take, for whoever answers for it: shares within target with how sure they are, times of each step, what waits now. */
import "./cases.css";
import "./turnaround.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { turnaroundQuery, turnaroundTableUrl } from "../../api/turnaround";
import type { Priority, Subspecialty, TurnaroundBy, TurnaroundGroup, TurnaroundShown, TurnaroundStep } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Select, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { PurposeChip } from "../slides/access/PurposeChip";
import { InHeader } from "../../shell/header_slot";
import { Bars } from "./Bars";
import { GROUPS, periodOf, turnaroundAskedOf, type TurnaroundState } from "./turnaround_state";
import { PRIORITIES, SUBSPECIALTIES } from "./worklist_state";

const STEPS = ["accessioning", "grossing", "bench", "waiting", "reading", "total"] as const satisfies readonly TurnaroundStep[];
const ALL = "all";

function useGroupName(): (by: TurnaroundBy, name: string) => string {
  const { t } = useTranslation();
  return (by, name) => {
    if (by === "subspecialty") return t(`cases.field.${name as Subspecialty}`);
    if (by === "priority") return t(`cases.priority.${name as Priority}`);
    return name === "-" ? t("cases.nobody") : name;
  };
}

/** Hours below two days, days from there on. */
function useDuration(): (hours: number) => string {
  const { i18n } = useTranslation();
  return (hours) => {
    const [value, unit] = hours < 48 ? [hours, "hour"] : [hours / 24, "day"];
    return new Intl.NumberFormat(i18n.language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
  };
}

function Groups({ shown, by }: { shown: TurnaroundShown; by: TurnaroundBy }) {
  const { t } = useTranslation();
  const { number, percent } = useFormats();
  const duration = useDuration();
  const nameOf = useGroupName();
  const row = (group: TurnaroundGroup, name: string) => (
    <tr key={group.name} className={group.name === "" ? "whole" : ""}>
      <th scope="row">{name}</th>
      <td>{number(group.count)}</td>
      <td>{group.count === 0 ? "" : percent(group.within / group.count)}</td>
      <td className="second">{group.count === 0 ? "" : t("turnaround.interval", { low: percent(group.low), high: percent(group.high) })}</td>
      {STEPS.map((step) => {
        const taken = group.steps[step];
        return <td key={step}>{taken ? t("turnaround.taken", { median: duration(taken.median_h), p90: duration(taken.p90_h) }) : ""}</td>;
      })}
    </tr>
  );
  return (
    <div className="turnaround-table" tabIndex={0} role="region" aria-label={t("turnaround.groups")}>
      <table>
        <caption className="second">{t("turnaround.caption")}</caption>
        <thead>
          <tr>
            <th scope="col">{by === "nothing" ? "" : t(`turnaround.by.${by}`)}</th>
            <th scope="col">{t("turnaround.cases")}</th>
            <th scope="col">{t("turnaround.within")}</th>
            <th scope="col">{t("turnaround.sure")}</th>
            {STEPS.map((step) => (
              <th key={step} scope="col">
                {t(`turnaround.step.${step}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.groups.map((group) => row(group, nameOf(by, group.name)))}
          {row({ ...shown.whole, name: "" }, t("turnaround.whole"))}
        </tbody>
      </table>
    </div>
  );
}

/** Names of bars between edges. */
function between(edges: readonly number[], word: (from: number | null, to: number | null) => string): string[] {
  return [...edges.map((edge, index) => word(edges[index - 1] ?? null, edge)), word(edges.at(-1) ?? null, null)];
}

function Pictures({ shown }: { shown: TurnaroundShown }) {
  const { t } = useTranslation();
  const duration = useDuration();
  const range = (scale: number) => (from: number | null, to: number | null) =>
    to === null ? t("turnaround.over", { from: duration((from ?? 0) * scale) }) : from === null ? t("turnaround.upTo", { to: duration(to * scale) }) : t("turnaround.range", { from: duration(from * scale), to: duration(to * scale) });
  const times = between(shown.edges_h, range(1)).map((name, index) => ({ name, value: shown.histogram[index] ?? 0 }));
  const ages = between(shown.ages_d, range(24)).map((name, index) => ({ name, value: shown.backlog[index] ?? 0, part: shown.backlog_late[index] ?? 0 }));
  return (
    <div className="pictures">
      <Bars label={t("turnaround.histogram")} bars={times} heads={[t("turnaround.step.total"), t("turnaround.cases")]} />
      <Bars label={t("turnaround.backlog")} bars={ages} heads={[t("worklist.column.age"), t("turnaround.cases"), t("turnaround.late")]} />
    </div>
  );
}

function Slowest({ shown }: { shown: TurnaroundShown }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const duration = useDuration();
  if (shown.slowest.length === 0) return null;
  return (
    <section className="block">
      <h2>{t("turnaround.slowest")}</h2>
      <table className="slowest">
        <thead>
          <tr>
            <th scope="col">{t("worklist.column.number")}</th>
            <th scope="col">{t("worklist.filter.field")}</th>
            <th scope="col">{t("worklist.filter.priority")}</th>
            <th scope="col">{t("turnaround.step.total")}</th>
            <th scope="col">{t("turnaround.within")}</th>
            <th scope="col">{t("cases.status.final")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.slowest.map((turn) => (
            <tr key={turn.case_id}>
              <th scope="row">
                <Link to="/cases/$id" params={{ id: turn.case_id }} search={{ queue: "closed" }}>
                  {turn.number}
                </Link>
              </th>
              <td>{t(`cases.field.${turn.subspecialty}`)}</td>
              <td>{t(`cases.priority.${turn.priority}`)}</td>
              <td>{duration(turn.total_h)}</td>
              <td className={turn.is_within ? "" : "late"}>{t(turn.is_within ? "turnaround.yes" : "turnaround.no")}</td>
              <td className="second">{dateTime(turn.final_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function TurnaroundPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const state = useSearch({ from: "/turnaround" });
  const maySeePeople = usePermission("cases.view_turnaround_of_people");
  const today = new Date().toDateString();
  const asked = useMemo(() => turnaroundAskedOf(state, new Date(today)), [state, today]);
  const { data, error, refetch } = useQuery({ ...turnaroundQuery(asked), placeholderData: keepPreviousData });
  const period = periodOf(state, new Date());
  const change = (patch: { [K in keyof TurnaroundState]?: TurnaroundState[K] | undefined }) =>
    void navigate({ to: "/turnaround", replace: true, search: (before) => Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined)) as TurnaroundState });
  return (
    <div className="case-page turnaround">
      <title>{`${t("turnaround.title")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("turnaround.title")}</h1>
      <InHeader>
        <PurposeChip />
      </InHeader>
      <div className="toolbar" role="search" aria-label={t("turnaround.filter")}>
        <TextField hidden label={t("turnaround.from")} type="date" value={period.from} max={period.to} onChange={(from) => { change({ from: from || undefined }); }} />
        <span aria-hidden="true">–</span>
        <TextField hidden label={t("turnaround.to")} type="date" value={period.to} onChange={(to) => { change({ to: to || undefined }); }} />
        <Select<TurnaroundBy>
          label={t("turnaround.by")}
          value={asked.by}
          options={GROUPS.filter((value) => value !== "reader" || maySeePeople).map((value) => ({ value, text: t(`turnaround.by.${value}`) }))}
          onChange={(by) => { change({ by }); }}
        />
        <Select<Subspecialty | typeof ALL>
          label={t("worklist.filter.field")}
          value={state.field ?? ALL}
          options={[{ value: ALL, text: t("worklist.filter.allFields") }, ...SUBSPECIALTIES.map((value) => ({ value, text: t(`cases.field.${value}`) }))]}
          onChange={(value) => { change({ field: value === ALL ? undefined : value }); }}
        />
        <Select<Priority | typeof ALL>
          label={t("worklist.filter.priority")}
          value={state.priority ?? ALL}
          options={[{ value: ALL, text: t("worklist.filter.allPriorities") }, ...PRIORITIES.map((value) => ({ value, text: t(`cases.priority.${value}`) }))]}
          onChange={(value) => { change({ priority: value === ALL ? undefined : value }); }}
        />
        <span className="spring" />
        <a className="button" href={turnaroundTableUrl(asked)} download="turnaround.csv">
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
      {data && !error && (
        <>
          {data.whole.count === 0 ? <p className="blank">{t("turnaround.empty")}</p> : <Groups shown={data} by={asked.by} />}
          <Pictures shown={data} />
          <Slowest shown={data} />
        </>
      )}
    </div>
  );
}
