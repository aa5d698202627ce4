/** A model as one archive: checked step by step on the server, and added where nothing is wrong. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { addModelArchive } from "../../api/models";
import type { ModelArchiveChecked } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { MODELS } from "./models_query";

const MOST_BYTES = 2_000_000_000;

type Step = ModelArchiveChecked["steps"][number];

function StepLine({ step }: { step: Step }) {
  const { t } = useTranslation();
  const say = useSay();
  const state = step.is_good === null ? "untried" : step.is_good ? "good" : "bad";
  return (
    <li className={`model-step ${state}`}>
      <Icon name={state === "good" ? "check" : state === "bad" ? "close" : "minus"} />
      <span>
        <strong>{t(`models.step.${step.step}`)}</strong> <span className="second">{t(`models.step.state.${state}`)}</span>
        {step.problems.length > 0 && (
          <ul>
            {step.problems.map((one) => <li key={say(one)} className="wrong">{say(one)}</li>)}
          </ul>
        )}
      </span>
    </li>
  );
}

function Outcome({ found }: { found: ModelArchiveChecked }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { version } = found;
  const name = version === null ? "" : `${said(version.name, version.name_zh)} ${version.version}`;
  return (
    <>
      {version ? (
        <p>
          {t("models.add.done", { name })} <Link to="/models" search={{ version: version.id }}>{t("models.add.open")}</Link>
        </p>
      ) : (
        <p className="wrong">{t("models.add.refused")}</p>
      )}
      {version?.awaits_acceptance && <p className="waits">{t("models.licence.waits")}</p>}
      <ol className="model-steps" aria-label={t("models.add.steps")}>
        {found.steps.map((step) => <StepLine key={step.step} step={step} />)}
      </ol>
    </>
  );
}

export function AddModel() {
  const { t } = useTranslation();
  const { bytes } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const chooser = useRef<HTMLInputElement>(null);
  const add = useMutation({
    mutationFn: (file: File) => addModelArchive(file),
    onSettled: () => client.invalidateQueries({ queryKey: [MODELS] }),
  });
  const file = add.variables;
  const isTooLarge = file !== undefined && file.size > MOST_BYTES;
  return (
    <section className="model-add" aria-label={t("models.add.title")}>
      <h2>{t("models.add.title")}</h2>
      <p>{t("models.add.what")}</p>
      <p className="second">{t("models.add.limits", { size: bytes(MOST_BYTES) })}</p>
      <div>
        <Button look="primary" needsServer isPending={add.isPending} onPress={() => { chooser.current?.click(); }}>{t("models.add.choose")}</Button>
        <input
          ref={chooser}
          type="file"
          hidden
          accept=".zip,.tar,.gz,.tgz,.bz2,.xz"
          aria-label={t("models.add.choose")}
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = "";
            if (chosen) add.mutate(chosen);
          }}
        />
      </div>
      <div role="status">
        {add.isPending && file && <p>{t("models.add.checking", { name: file.name, size: bytes(file.size) })}</p>}
        {add.data && <Outcome found={add.data} />}
      </div>
      {add.error && <p role="alert" className="wrong">{isTooLarge ? t("models.add.tooLarge", { size: bytes(MOST_BYTES) }) : problemText(add.error)}</p>}
    </section>
  );
}
