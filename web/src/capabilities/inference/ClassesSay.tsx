/** What a run says of the classes of a slide and where, and of a head which encoder served it. On a slide it says nothing until asked. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ModelRun } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { Button } from "../../ui/controls";
import type { Region } from "../reports/place";
import { AskReveal } from "./AskReveal";

type Said = ModelRun["classes"][number];

function Class({ said, onGo }: { said: Said; onGo: ((place: Region) => void) | undefined }) {
  const { t, i18n } = useTranslation();
  const { figure, percent } = useFormats();
  const name = (i18n.language.startsWith("zh") && said.title_zh) || said.title;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{said.mm2 === null ? percent(said.share) : t("runs.class.share", { share: percent(said.share), area: figure(said.mm2) })}</dd>
      {onGo && said.regions.length > 0 && (
        <dd className="class-regions">
          <ul aria-label={t("runs.class.regions", { name })}>
            {said.regions.map(({ place, mm2 }) => (
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
  const { t, i18n } = useTranslation();
  const [asked, setAsked] = useState(isRevealed);
  const { encoder } = run;
  const classes = run.task === "slide-head" ? [...run.classes].sort((first, second) => second.share - first.share) : run.classes;
  return (
    <>
      {encoder && (
        <span className="second">
          {t("runs.encoder", { name: i18n.language.startsWith("zh") && encoder.name_zh ? encoder.name_zh : encoder.name, version: encoder.model_version })}
        </span>
      )}
      {classes.length > 0 && !asked && <AskReveal run={run} onKept={() => { setAsked(true); }} />}
      {classes.length > 0 && asked && (
        <dl className="said-of" aria-label={t("runs.class.said")}>
          {classes.map((said) => <Class key={said.title} said={said} onGo={onGo} />)}
        </dl>
      )}
    </>
  );
}
