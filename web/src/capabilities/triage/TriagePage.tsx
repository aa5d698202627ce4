/** By what rules models order the worklist, and how long cases wait for a person's first look. */
import "../cases/cases.css";
import "./triage.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { endPoint, firstLooksQuery, pointsQuery } from "../../api/triage";
import type { FirstLook, TriagePoint } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { SetPoint } from "./SetPoint";
import { periodOf, turnaroundAskedOf, type TurnaroundState } from "../cases/turnaround_state";

function EndPoint({ point }: { point: TriagePoint }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const ending = useMutation({
    mutationFn: () => endPoint(point.id, reason),
    onSuccess: () => {
      setOpen(false);
      void client.invalidateQueries({ queryKey: pointsQuery.queryKey });
    },
  });
  return (
    <>
      <Button needsServer onPress={() => { setOpen(true); }}>{t("triage.end")}</Button>
      <Dialog title={t("triage.endOf", { name: `${point.model_name} ${point.model_version}` })} isOpen={isOpen} onClose={() => { setOpen(false); }}>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            ending.mutate();
          }}
        >
          <p>{t("triage.endHint")}</p>
          <TextField label={t("cases.reason")} value={reason} onChange={setReason} />
          {ending.error && <p role="alert">{problemText(ending.error)}</p>}
          <div className="actions">
            <Button type="submit" look="primary" isPending={ending.isPending} isDisabled={!reason.trim()}>{t("triage.end")}</Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

function Point({ point, mayManage }: { point: TriagePoint; mayManage: boolean }) {
  const { t } = useTranslation();
  const { dateTime, figure, number, percent } = useFormats();
  const claim = point.claim;
  return (
    <li className={point.ended_at === null ? "point" : "point ended"}>
      <p>
        <strong>{`${point.model_name} ${point.model_version}`}</strong> · {t(`triage.purpose.${point.purpose}`)} ·{" "}
        {point.ended_at === null ? t("triage.inForce") : t("triage.ended", { time: dateTime(point.ended_at), name: point.ended_by_name ?? "" })}
      </p>
      <p className="second">{t(`triage.rule.${point.purpose}`, { name: point.class_name, threshold: figure(point.threshold) })}</p>
      {claim ? (
        <dl>
          <dt>{t("triage.sensitivity")}</dt>
          <dd>{t("triage.reached", { share: percent(claim.sensitivity), low: percent(claim.sensitivity_low), high: percent(claim.sensitivity_high), count: claim.positive })}</dd>
          <dt>{t("triage.specificity")}</dt>
          <dd>{t("triage.reached", { share: percent(claim.specificity), low: percent(claim.specificity_low), high: percent(claim.specificity_high), count: claim.negative })}</dd>
          <dt>{t("triage.abstained")}</dt>
          <dd>{percent(claim.abstained)}</dd>
        </dl>
      ) : (
        <p className="second">{t("triage.noClaim")}</p>
      )}
      <p className="second">
        {t(`triage.method.${point.method}`)} · {t("triage.alpha", { share: percent(point.alpha) })} ·{" "}
        {t("triage.sites", { names: point.sites.map((site) => `${site.organisation_id} (${number(site.positive)} / ${number(site.negative)})`).join(", ") || "–" })}
      </p>
      <p className="second">{t("triage.made", { name: point.made_by_name, time: dateTime(point.made_at), reason: point.reason })}</p>
      {mayManage && point.ended_at === null && <EndPoint point={point} />}
    </li>
  );
}

function Looks({ looks }: { looks: FirstLook[] }) {
  const { t, i18n } = useTranslation();
  const { number } = useFormats();
  const hours = (value: number | null) =>
    value === null ? "–" : new Intl.NumberFormat(i18n.language, { style: "unit", unit: "hour", unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
  return (
    <table>
      <caption className="second">{t("triage.looksCaption")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("worklist.column.models")}</th>
          <th scope="col">{t("triage.looked")}</th>
          <th scope="col">{t("triage.median")}</th>
          <th scope="col">{t("triage.quartiles")}</th>
          <th scope="col">{t("triage.waiting")}</th>
        </tr>
      </thead>
      <tbody>
        {looks.map((look) => (
          <tr key={look.band}>
            <th scope="row">{t(`triage.band.${look.band}`)}</th>
            <td>{number(look.looked)}</td>
            <td>{hours(look.median_h)}</td>
            <td>{look.low_h === null ? "–" : t("triage.between", { low: hours(look.low_h), high: hours(look.high_h) })}</td>
            <td>{number(look.waiting)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function TriagePage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const state = useSearch({ from: "/triage" });
  const mayView = usePermission("triage.view");
  const mayManage = usePermission("triage.manage");
  const maySeeModels = usePermission("models.view");
  const today = new Date().toDateString();
  const asked = useMemo(() => turnaroundAskedOf(state, new Date(today)), [state, today]);
  const points = useQuery({ ...pointsQuery, enabled: mayView });
  const looks = useQuery({ ...firstLooksQuery(asked.begin, asked.end), enabled: mayView });
  const period = periodOf(state, new Date());
  const change = (patch: Pick<TurnaroundState, "from"> | Pick<TurnaroundState, "to">) => void navigate({ to: "/triage", replace: true, search: (before) => ({ ...before, ...patch }) as TurnaroundState });
  if (!mayView) return <p className="blank">{t("triage.notYours")}</p>;
  return (
    <div className="case-page triage">
      <title>{`${t("triage.title")} · ${t("app.name")}`}</title>
      <h1>{t("triage.title")}</h1>
      <p className="second">{t("triage.about")}</p>
      <section aria-label={t("triage.points")}>
        <h2>{t("triage.points")}</h2>
        {points.error && <p role="alert">{problemText(points.error)}</p>}
        {points.data?.length === 0 && <p className="second">{t("triage.noPoints")}</p>}
        {mayManage && maySeeModels && <SetPoint />}
        <ul>{points.data?.map((point) => <Point key={point.id} point={point} mayManage={mayManage} />)}</ul>
      </section>
      <section aria-label={t("triage.looks")}>
        <h2>{t("triage.looks")}</h2>
        <div className="toolbar" role="search" aria-label={t("turnaround.filter")}>
          <TextField hidden label={t("turnaround.from")} type="date" value={period.from} max={period.to} onChange={(from) => { if (from) change({ from }); }} />
          <span aria-hidden="true">–</span>
          <TextField hidden label={t("turnaround.to")} type="date" value={period.to} onChange={(to) => { if (to) change({ to }); }} />
        </div>
        {looks.error && <p role="alert">{problemText(looks.error)}</p>}
        {looks.data?.length === 0 && <p className="second">{t("triage.noLooks")}</p>}
        {looks.data && looks.data.length > 0 && <Looks looks={looks.data} />}
      </section>
    </div>
  );
}
