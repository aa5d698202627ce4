/** What a run says of the classes of a slide and where, and of a head which encoder served it. On a slide it says nothing until asked. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ModelRun } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { Button } from "../../ui/controls";
import type { Region } from "../reports/place";
import { AskReveal } from "./AskReveal";

type Told = ModelRun["classes"][number];

function Class({ told, onGo }: { told: Told; onGo: ((place: Region) => void) | undefined }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { figure, percent } = useFormats();
  const name = said(told.title, told.title_zh);
  return (
    <div>
      <dt>{name}</dt>
      <dd>{told.mm2 === null ? percent(told.share) : t("runs.class.share", { share: percent(told.share), area: figure(told.mm2) })}</dd>
      {onGo && told.regions.length > 0 && (
        <dd className="class-regions">
          <ul aria-label={t("runs.class.regions", { name })}>
            {told.regions.map(({ place, mm2 }) => (
              <li key={`${place.x_um} ${place.y_um}`}>
                <Button look="quiet" icon="fit" onPress={() => { onGo(place); }}>{t("runs.class.region", { area: figure(mm2) })}</Button>
              </li>
            ))}
          </ul>
        </dd>
      )}
    </div>
  );
}

export function ClassesSay({ run, isRevealed, onGo }: { run: ModelRun; isRevealed: boolean; onGo?: (place: Region) => void }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const [asked, setAsked] = useState(isRevealed);
  const { encoder } = run;
  const classes = run.task === "slide-head" ? [...run.classes].sort((first, second) => second.share - first.share) : run.classes;
  return (
    <>
      {encoder && (
        <span className="second">
          {t("runs.encoder", { name: said(encoder.name, encoder.name_zh), version: encoder.model_version })}
        </span>
      )}
      {classes.length > 0 && !asked && <AskReveal run={run} onKept={() => { setAsked(true); }} />}
      {classes.length > 0 && asked && (
        <dl className="said-of" aria-label={t("runs.class.said")}>
          {classes.map((told) => <Class key={told.title} told={told} onGo={onGo} />)}
        </dl>
      )}
    </>
  );
}
