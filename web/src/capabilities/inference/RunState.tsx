/** Where a run is, how far, and why it ended as it did. */
import { useTranslation } from "react-i18next";
import type { ModelRun } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useSay } from "../../i18n/sentences";
import { Meter } from "../../ui/controls";

export function useRunName() {
  const said = useSaidIn();
  return (run: ModelRun) => `${said(run.model_name, run.model_name_zh)} ${run.model_version}`;
}

export function RunState({ run }: { run: ModelRun }) {
  const { t } = useTranslation();
  const say = useSay();
  const nameOf = useRunName();
  const { number } = useFormats();
  return (
    <>
      <span className={`run-state ${run.state}`}>{t(`runs.state.${run.state}`)}</span>
      {run.is_shadow && <span className="run-state">{t("models.status.shadow")}</span>}
      {run.state === "running" && (
        <>
          <Meter label={t("runs.progress", { name: nameOf(run) })} done={run.patches_done} total={run.patches} />
          <span className="second">{t("runs.patches", { done: number(run.patches_done), total: number(run.patches) })}</span>
        </>
      )}
      {run.reason_said && <span className="second">{say(run.reason_said)}</span>}
      {(run.normalised_by === "macenko" || run.normalised_by === "reinhard") && <span className="second">{t(`runs.normalised.${run.normalised_by}`)}</span>}
      {run.outside.length > 0 && <span className="warn">{t("runs.outside", { why: run.outside.map(say).join(" ") })}</span>}
    </>
  );
}
