/** Puts an operating point in force: fitted on labelled slides, or a rule that another laboratory passed on. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { fitPoint, pointsQuery, setPoint } from "../../api/triage";
import type { ModelRow, PointFit } from "../../api/types";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, Select, TextField } from "../../ui/controls";
import { listQuery, modelQuery } from "../models/models_query";
import { BadLine, readLabels } from "./labels";

const SCORED = new Set<ModelRow["task"]>(["tile-score", "region-segmentation", "quality", "slide-head"]);
const PURPOSES = ["triage", "rule-out"] as const;
const METHODS = ["platt", "isotonic"] as const;
const WAYS = ["fit", "rule"] as const;

function Choice({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="text-field">
      <span className="label" aria-hidden="true">{label}</span>
      {children}
    </div>
  );
}

function Form({ rows, onSet }: { rows: readonly ModelRow[]; onSet: () => void }) {
  const { t } = useTranslation();
  const saidIn = useSaidIn();
  const problemText = useProblemText();
  const client = useQueryClient();
  const [way, setWay] = useState<(typeof WAYS)[number]>("fit");
  const [versionId, setVersion] = useState(rows[0]?.id ?? "");
  const [className, setClass] = useState("");
  const [purpose, setPurpose] = useState<PointFit["purpose"]>("triage");
  const [method, setMethod] = useState<NonNullable<PointFit["method"]>>("platt");
  const [sensitivity, setSensitivity] = useState("0.9");
  const [alpha, setAlpha] = useState("0.1");
  const [reason, setReason] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const classes = useQuery({ ...modelQuery(versionId), enabled: versionId !== "" }).data?.classes ?? [];
  const chosen = classes.find((one) => one.name === className) ?? classes[0];
  const chooser = useRef<HTMLInputElement>(null);
  const wanted = t(way === "fit" ? "triage.set.labels" : "triage.set.rule");
  const put = useMutation({
    mutationFn: async () => {
      const text = await (file ?? new Blob()).text();
      if (way === "rule") return setPoint({ version_id: versionId, rule: text, reason });
      return fitPoint({
        version_id: versionId,
        class_name: chosen?.name ?? "",
        purpose,
        method,
        sensitivity: Number(sensitivity),
        alpha: Number(alpha),
        slides: readLabels(text),
        reason,
      });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: pointsQuery.queryKey });
      onSet();
    },
  });
  const wrong = (error: unknown) =>
    error instanceof BadLine ? t(error.line === 1 ? "triage.set.noColumns" : "triage.set.badLine", { line: error.line }) : problemText(error);
  return (
    <form
      className="form point-form"
      onSubmit={(event) => {
        event.preventDefault();
        put.mutate();
      }}
    >
      <Choice label={t("triage.set.way")}>
        <Select label={t("triage.set.way")} value={way} options={WAYS.map((one) => ({ value: one, text: t(`triage.set.way.${one}`) }))} onChange={(one) => { setWay(one); setFile(null); }} />
      </Choice>
      <Choice label={t("triage.set.version")}>
        <Select
          label={t("triage.set.version")}
          value={versionId}
          options={rows.map((row) => ({ value: row.id, text: `${saidIn(row.name, row.name_zh)} ${row.version} · ${t(`models.status.${row.status}`)}` }))}
          onChange={setVersion}
        />
      </Choice>
      {way === "fit" && (
        <>
          <Choice label={t("triage.set.purpose")}>
            <Select label={t("triage.set.purpose")} value={purpose} options={PURPOSES.map((one) => ({ value: one, text: t(`triage.purpose.${one}`) }))} onChange={setPurpose} />
          </Choice>
          {chosen && (
            <Choice label={t("triage.set.class")}>
              <Select
                label={t("triage.set.class")}
                value={chosen.name}
                options={classes.map((one) => ({ value: one.name, text: saidIn(one.title, one.title_zh) }))}
                onChange={setClass}
              />
            </Choice>
          )}
          <Choice label={t("triage.set.method")}>
            <Select label={t("triage.set.method")} value={method} options={METHODS.map((one) => ({ value: one, text: t(`triage.method.${one}`) }))} onChange={setMethod} />
          </Choice>
          <TextField label={t("triage.set.sensitivity")} type="number" min={0.5} max={0.999} step="any" required value={sensitivity} onChange={setSensitivity} />
          <TextField label={t("triage.set.alpha")} type="number" min={0.001} max={0.5} step="any" required value={alpha} onChange={setAlpha} />
        </>
      )}
      <Choice label={wanted}>
        <span className="point-file">
          <Button onPress={() => { chooser.current?.click(); }}>{t("triage.set.choose")}</Button>
          <span role="status">{file?.name ?? t("triage.set.noFile")}</span>
          <input
            ref={chooser}
            type="file"
            hidden
            accept={way === "fit" ? ".csv,text/csv" : ".json,application/json"}
            aria-label={wanted}
            onChange={(event) => {
              const taken = event.target.files?.[0];
              event.target.value = "";
              if (taken) setFile(taken);
            }}
          />
        </span>
      </Choice>
      <p className="second">{t(way === "fit" ? "triage.set.labelsHint" : "triage.set.ruleHint")}</p>
      <TextField label={t("cases.reason")} value={reason} onChange={setReason} maxLength={2000} required />
      <p className="second">{t("triage.set.replaces")}</p>
      {put.error && <p role="alert" className="wrong">{wrong(put.error)}</p>}
      <div className="actions">
        <Button type="submit" look="primary" needsServer isPending={put.isPending} isDisabled={!reason.trim() || file === null || versionId === ""}>
          {t(put.isPending ? "triage.set.pending" : "triage.set.put")}
        </Button>
      </div>
    </form>
  );
}

export function SetPoint() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const rows = useQuery({ ...listQuery, enabled: isOpen }).data?.filter((row) => SCORED.has(row.task) && row.status !== "withdrawn");
  return (
    <>
      <Button needsServer onPress={() => { setOpen(true); }}>{t("triage.set")}</Button>
      <Dialog title={t("triage.set.title")} isOpen={isOpen} onClose={() => { setOpen(false); }}>
        {rows?.length === 0 && <p className="second">{t("triage.set.noModels")}</p>}
        {rows && rows.length > 0 && <Form rows={rows} onSet={() => { setOpen(false); }} />}
      </Dialog>
    </>
  );
}
