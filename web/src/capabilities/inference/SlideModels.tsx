/** Models on one slide: run one, and see what those said that ran. */
import "./inference.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { startRuns } from "../../api/inference";
import type { ModelOffered } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import type { SlideView } from "../../viewer/slide_view";
import { usePermission } from "../access/me";
import { poseOver, type Region } from "../reports/place";
import { CellsSay } from "./CellsSay";
import { ClassesSay } from "./ClassesSay";
import { RunButtons } from "./RunButtons";
import { RunEngines } from "./RunEngines";
import { RunExports } from "./RunExports";
import { RunState, useRunName } from "./RunState";
import { offeredQuery, RUNS, runsOfQuery } from "./runs_query";

function Start({ imageId }: { imageId: string }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const client = useQueryClient();
  const problemText = useProblemText();
  const say = useSay();
  const found = useQuery(offeredQuery(imageId));
  const offered = found.data ?? [];
  const [asked, setAsked] = useState("");
  const chosen = offered.find((each) => each.version_id === asked) ?? offered[0];
  const start = useMutation({
    mutationFn: (id: string) => startRuns(imageId, [id]),
    onSettled: () => client.invalidateQueries({ queryKey: [RUNS] }),
  });
  if (!found.data) return found.error && <p role="alert" className="wrong">{problemText(found.error)}</p>;
  if (!chosen) return <p className="second">{t("runs.noModels")}</p>;
  const name = (each: ModelOffered) => `${said(each.name, each.name_zh)} ${each.model_version}`;
  return (
    <div className="run-start">
      <Select
        label={t("runs.model")}
        value={chosen.version_id}
        options={offered.map((each) => ({ value: each.version_id, text: name(each) }))}
        onChange={setAsked}
      />
      <Button needsServer isPending={start.isPending} isDisabled={chosen.verdict === "refused"} onPress={() => { start.mutate(chosen.version_id); }}>
        {t("runs.start")}
      </Button>
      {chosen.reasons.length > 0 && (
        <p className={chosen.verdict === "refused" ? "wrong" : "warn"}>
          {t(chosen.verdict === "refused" ? "runs.refused" : "runs.outside", { why: chosen.reasons.map(say).join(" ") })}
        </p>
      )}
      {start.error && <p role="alert" className="wrong">{problemText(start.error)}</p>}
    </div>
  );
}

export function SlideModels({ imageId, view }: { imageId: string; view: SlideView }) {
  const { t } = useTranslation();
  const goTo = (place: Region) => { view.setPose(poseOver(place, view.fieldSize, view.spacing.x)); };
  const nameOf = useRunName();
  const { dateTime } = useFormats();
  const mayRun = usePermission("inference.run");
  const runs = useQuery(runsOfQuery(imageId)).data ?? [];
  if (!mayRun && runs.length === 0) return null;
  return (
    <section className="block" aria-label={t("runs.onSlide")}>
      <h3>{t("runs.onSlide")}</h3>
      {mayRun && <Start imageId={imageId} />}
      <ul className="runs-short">
        {runs.map((run) => (
          <li key={run.id}>
            <strong>{nameOf(run)}</strong>
            <span className="second">{dateTime(run.created_at)}</span>
            <RunState run={run} />
            <ClassesSay run={run} isRevealed={false} onGo={goTo} />
            <CellsSay run={run} isRevealed={false} onGo={goTo} />
            {run.task !== "slide-head" && <RunExports run={run} />}
            {mayRun && <RunEngines run={run} />}
            {mayRun && <RunButtons run={run} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
