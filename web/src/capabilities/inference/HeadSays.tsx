/** What a slide head says of a slide, and which encoder served it. On a slide it says nothing until asked. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ModelRun } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { AskReveal } from "./AskReveal";

export function HeadSays({ run, isRevealed }: { run: ModelRun; isRevealed: boolean }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { percent } = useFormats();
  const [asked, setAsked] = useState(isRevealed);
  if (run.task !== "slide-head") return null;
  const { encoder } = run;
  const scores = Object.entries(run.scores).sort(([, first], [, second]) => second - first);
  return (
    <>
      {encoder && (
        <span className="second">
          {t("runs.encoder", { name: said(encoder.name, encoder.name_zh), version: encoder.model_version })}
        </span>
      )}
      {scores.length > 0 && !asked && (
        <AskReveal run={run} onKept={() => { setAsked(true); }} />
      )}
      {asked && scores.map(([name, share]) => (
        <span key={name}>{t("runs.score", { name, share: percent(share) })}</span>
      ))}
    </>
  );
}
