/** How good a version is: by its publisher, and in this laboratory. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { recordValidation } from "../../api/models";
import type { ModelDetail, ModelValidation } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { MODELS } from "./models_query";

function Table({ trials, caption }: { trials: readonly ModelValidation[]; caption: string }) {
  const { t } = useTranslation();
  const { figure, number, dateTime } = useFormats();
  return (
    <table className="model-trials">
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t("models.cohort")}</th>
          <th scope="col" className="figures">{t("models.n")}</th>
          <th scope="col">{t("models.metric")}</th>
          <th scope="col" className="figures">{t("models.value")}</th>
          <th scope="col" className="figures">{t("models.interval")}</th>
          <th scope="col" className="figures">{t("models.baseline")}</th>
        </tr>
      </thead>
      <tbody>
        {trials.flatMap((trial, row) =>
          trial.metrics.map((metric, column) => (
            <tr key={`${row}-${column}`}>
              <th scope="row">
                {trial.cohort}
                <span className="second">{[trial.split, trial.by, trial.at && dateTime(trial.at)].filter(Boolean).join(" · ")}</span>
              </th>
              <td className="figures">{number(trial.n)}</td>
              <td>{[metric.name, metric.stratum].filter(Boolean).join(" · ")}</td>
              <td className="figures">{figure(metric.value)}</td>
              <td className="figures">{metric.low == null || metric.high == null ? "–" : `${figure(metric.low)}–${figure(metric.high)}`}</td>
              <td className="figures">{metric.baseline == null ? "–" : figure(metric.baseline)}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

const EMPTY = { cohort: "", n: "", metric: "", value: "", low: "", high: "" };
const numberIn = (text: string) => (text.trim() === "" ? null : Number(text));

function NewTrial({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [typed, setTyped] = useState(EMPTY);
  const set = (field: keyof typeof EMPTY) => (text: string) => { setTyped({ ...typed, [field]: text }); };
  const keep = useMutation({
    mutationFn: () =>
      recordValidation(id, {
        cohort: typed.cohort,
        n: Number(typed.n),
        of: "slides",
        note: "",
        metrics: [{ name: typed.metric, value: Number(typed.value), low: numberIn(typed.low), high: numberIn(typed.high), baseline: null, stratum: "" }],
      }),
    onSuccess: () => { setTyped(EMPTY); },
    onSettled: () => client.invalidateQueries({ queryKey: [MODELS] }),
  });
  return (
    <form
      className="model-form"
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate();
      }}
    >
      <TextField label={t("models.cohort")} value={typed.cohort} onChange={set("cohort")} maxLength={200} required />
      <TextField label={t("models.n")} value={typed.n} onChange={set("n")} type="number" min={1} step={1} required />
      <TextField label={t("models.metric")} value={typed.metric} onChange={set("metric")} maxLength={100} required />
      <TextField label={t("models.value")} value={typed.value} onChange={set("value")} type="number" step="any" required />
      <TextField label={t("models.low")} value={typed.low} onChange={set("low")} type="number" step="any" />
      <TextField label={t("models.high")} value={typed.high} onChange={set("high")} type="number" step="any" />
      <Button type="submit" isPending={keep.isPending}>
        {t("models.record")}
      </Button>
      {keep.error && <p role="alert">{problemText(keep.error)}</p>}
    </form>
  );
}

export function Trials({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const mayManage = usePermission("models.manage");
  return (
    <>
      <section aria-label={t("models.quality")}>
        <h3>{t("models.quality")}</h3>
        {model.validations.length === 0 ? <p className="second">{t("models.quality.none")}</p> : <Table trials={said(model.validations, model.validations_zh)} caption={t("models.quality")} />}
      </section>
      <section aria-label={t("models.here")}>
        <h3>{t("models.here")}</h3>
        {model.local_validations.length === 0 ? (
          <p className="second">{t("models.here.none")}</p>
        ) : (
          <Table trials={model.local_validations} caption={t("models.here")} />
        )}
        {mayManage && <NewTrial id={model.row.id} />}
      </section>
    </>
  );
}
