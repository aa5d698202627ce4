/** What a run was computed on; asked for when somebody opens it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ModelRun, RunEngine } from "../../api/types";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { enginesQuery } from "./runs_query";

function Engine({ engine }: { engine: RunEngine }) {
  const { t } = useTranslation();
  const say = useSay();
  const { provider, onnxruntime: version, device, device_name: name, batch } = engine;
  return (
    <li>
      {device === null ? t("runs.engine.processor", { version }) : t("runs.engine.device", { device: `${device} ${name}`.trim(), batch, provider, version })}
      {engine.instead && <span className="second">{t("runs.engine.instead", { why: say(engine.instead) })}</span>}
    </li>
  );
}

export function RunEngines({ run }: { run: ModelRun }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [isOpen, setOpen] = useState(false);
  const found = useQuery({ ...enginesQuery(run), enabled: isOpen });
  if (run.patches === 0) return null;
  const usesDevice = found.data?.some(({ device }) => device !== null);
  return (
    <details className="run-engines" onToggle={({ currentTarget }) => { setOpen(currentTarget.open); }}>
      <summary>{t("runs.engine")}</summary>
      {found.error && <p role="alert" className="wrong">{problemText(found.error)}</p>}
      {found.data?.length === 0 && <p className="second">{t("runs.engine.unknown")}</p>}
      <ul>{found.data?.map((engine, index) => <Engine key={index} engine={engine} />)}</ul>
      {usesDevice && <p className="second">{t("runs.engine.rounds")}</p>}
    </details>
  );
}
