/** What share of which cases is read again: plans, and the proof of a day. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { endPlan, plansQuery, proveDay, setPlan } from "../../api/quality";
import { templatesQuery } from "../../api/reports";
import type { Priority, Proof, RescreeningPlan, Subspecialty } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Check, Dialog, Select, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { PRIORITIES, SUBSPECIALTIES } from "../cases/worklist_state";
import { inWords, numberOf } from "../reports/form";
import { useTemplateName } from "../reports/use_template_name";

const ALL = "all";

function PlanForm({ onDone }: { onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const templates = useQuery(templatesQuery).data ?? [];
  const [name, setName] = useState("");
  const [share, setShare] = useState("10");
  const [template, setTemplate] = useState(ALL);
  const [field, setField] = useState<Subspecialty | typeof ALL>(ALL);
  const [priority, setPriority] = useState<Priority | typeof ALL>(ALL);
  const [byPerson, setByPerson] = useState(true);
  const [model, setModel] = useState("");
  const percent = numberOf(share) ?? Number.NaN;
  const setting = useMutation({
    mutationFn: () =>
      setPlan({
        name,
        share: percent / 100,
        strata: { templates: template === ALL ? [] : [template], fields: field === ALL ? [] : [field], priorities: priority === ALL ? [] : [priority], sites: [], readers: [] },
        by_person: byPerson,
        by_model: model,
      }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: plansQuery.queryKey });
    },
  });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        setting.mutate();
      }}
    >
      <TextField label={t("quality.plan.name")} value={name} maxLength={80} onChange={setName} />
      <TextField label={t("quality.plan.share")} value={share} inputMode="decimal" onChange={setShare} />
      <Select label={t("quality.plan.template")} value={template} options={[{ value: ALL, text: t("quality.plan.everyTemplate") }, ...templates.map(({ id, label }) => ({ value: id, text: inWords(label, i18n.language) }))]} onChange={setTemplate} />
      <Select<Subspecialty | typeof ALL> label={t("worklist.filter.field")} value={field} options={[{ value: ALL, text: t("worklist.filter.allFields") }, ...SUBSPECIALTIES.map((value) => ({ value, text: t(`cases.field.${value}`) }))]} onChange={setField} />
      <Select<Priority | typeof ALL> label={t("worklist.filter.priority")} value={priority} options={[{ value: ALL, text: t("worklist.filter.allPriorities") }, ...PRIORITIES.map((value) => ({ value, text: t(`cases.priority.${value}`) }))]} onChange={setPriority} />
      <Check label={t("quality.plan.byPerson")} checked={byPerson} onChange={setByPerson} />
      <TextField label={t("quality.plan.byModel")} value={model} maxLength={80} onChange={setModel} />
      <p className="hint">{t("quality.plan.hint")}</p>
      <Button type="submit" look="primary" isPending={setting.isPending} isDisabled={name.trim() === "" || !(percent > 0 && percent <= 100)}>
        {t("quality.plan.set")}
      </Button>
      {setting.error && (
        <p role="alert" className="wrong">
          {problemText(setting.error)}
        </p>
      )}
    </form>
  );
}

function Proven({ proof }: { proof: Proof }) {
  const { t } = useTranslation();
  const { figure } = useFormats();
  return (
    <section className="block proof">
      <p>{t("quality.proof.how", { steps: proof.steps })}</p>
      <dl>
        <dt>{t("quality.proof.seed")}</dt>
        <dd className="figures">{proof.seed}</dd>
        <dt>{t("quality.proof.anchor")}</dt>
        <dd className="figures">{proof.anchor}</dd>
      </dl>
      {proof.lots.length === 0 ? (
        <p className="second">{t("quality.proof.none")}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t("quality.column.case")}</th>
              <th scope="col">{t("quality.proof.lot")}</th>
              <th scope="col">{t("quality.proof.drawn")}</th>
            </tr>
          </thead>
          <tbody>
            {proof.lots.map((lot) => (
              <tr key={lot.case_id}>
                <th scope="row">{lot.case_number}</th>
                <td>{figure(lot.lot)}</td>
                <td>{t(lot.is_drawn ? "turnaround.yes" : "turnaround.no")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function PlanRow({ plan, mayManage }: { plan: RescreeningPlan; mayManage: boolean }) {
  const { t } = useTranslation();
  const { percent, number, date } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [day, setDay] = useState(plan.first_day);
  const ending = useMutation({ mutationFn: () => endPlan(plan.id), onSettled: () => client.invalidateQueries({ queryKey: plansQuery.queryKey }) });
  const proving = useMutation({ mutationFn: () => proveDay(plan.id, day) });
  const error = ending.error ?? proving.error;
  const { strata } = plan;
  const templateName = useTemplateName();
  const only = [
    ...strata.templates.map(templateName),
    ...strata.fields.map((one) => t(`cases.field.${one}`)),
    ...strata.priorities.map((one) => t(`cases.priority.${one}`)),
  ];
  return (
    <li className="block">
      <h2>{plan.name}</h2>
      <p>
        {t("quality.plan.told", { share: percent(plan.share), signed: number(plan.signed), drawn: number(plan.drawn) })}
        {only.map((one) => ` · ${one}`)}
      </p>
      <p className="second">
        {plan.last_day === null ? t("quality.plan.since", { day: date(plan.first_day) }) : t("quality.plan.ended", { first: date(plan.first_day), last: date(plan.last_day) })} · {plan.made_by_name}
        {plan.by_model !== "" && ` · ${plan.by_model}`}
      </p>
      {mayManage && (
        <div className="actions">
          <TextField label={t("quality.proof.day")} type="date" value={day} min={plan.first_day} onChange={setDay} />
          <Button needsServer isPending={proving.isPending} isDisabled={day === ""} onPress={() => { proving.mutate(); }}>
            {t("quality.proof")}
          </Button>
          {plan.last_day === null && (
            <Button needsServer isPending={ending.isPending} onPress={() => { ending.mutate(); }}>
              {t("quality.plan.end")}
            </Button>
          )}
        </div>
      )}
      {error && (
        <p role="alert" className="wrong">
          {problemText(error)}
        </p>
      )}
      {proving.data && <Proven proof={proving.data} />}
    </li>
  );
}

export function Plans() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const mayManage = usePermission("quality.manage");
  const [isMaking, setMaking] = useState(false);
  const { data, error, refetch } = useQuery(plansQuery);
  return (
    <div className="quality-panel" tabIndex={0} role="region" aria-label={t("quality.list.plans")}>
      {mayManage && (
        <div className="toolbar">
          <Button icon="plus" onPress={() => { setMaking(true); }}>
            {t("quality.plan.new")}
          </Button>
        </div>
      )}
      {error && (
        <div className="blank" role="alert">
          <p>{problemText(error)}</p>
          <Button icon="retry" onPress={() => void refetch()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {data?.length === 0 && <p className="blank">{t("quality.plan.none")}</p>}
      <ul className="plans">
        {data?.map((plan) => (
          <PlanRow key={plan.id} plan={plan} mayManage={mayManage} />
        ))}
      </ul>
      <Dialog title={t("quality.plan.new")} isOpen={isMaking} onClose={() => { setMaking(false); }}>
        <PlanForm onDone={() => { setMaking(false); }} />
      </Dialog>
    </div>
  );
}
