/** What models are at: every run of the organisation, newest first. */
import "./inference.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { usePermission } from "../access/me";
import { CellsSay } from "./CellsSay";
import { ClassesSay } from "./ClassesSay";
import { RunButtons } from "./RunButtons";
import { RunEngines } from "./RunEngines";
import { RunExports } from "./RunExports";
import { RunState, useRunName } from "./RunState";
import { runsQuery } from "./runs_query";

export function RunsPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const nameOf = useRunName();
  const { dateTime } = useFormats();
  const mayRun = usePermission("inference.run");
  const found = useQuery({ ...runsQuery, enabled: mayRun });
  if (!mayRun) return <p className="blank">{t("runs.notYours")}</p>;
  return (
    <div className="runs" role="region" aria-label={t("runs.title")} tabIndex={0}>
      <title>{`${t("runs.title")} · ${t("app.name")}`}</title>
      <h1>{t("runs.title")}</h1>
      {found.error && <p role="alert" className="wrong">{problemText(found.error)}</p>}
      {found.data?.length === 0 && <p className="second">{t("runs.empty")}</p>}
      <ul>
        {found.data?.map((run) => (
          <li key={run.id} className="run">
            <span className="run-names">
              <strong>{nameOf(run)}</strong>
              <Link to="/slides/$id" params={{ id: run.image_id }} search={{}}>{run.image_name}</Link>
              <span className="second">{dateTime(run.created_at)}</span>
            </span>
            <span className="run-stands"><RunState run={run} /><ClassesSay run={run} isRevealed /><CellsSay run={run} isRevealed /><RunExports run={run} /><RunEngines run={run} /></span>
            <span className="run-buttons"><RunButtons run={run} /></span>
          </li>
        ))}
      </ul>
    </div>
  );
}
