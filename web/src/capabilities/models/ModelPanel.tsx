/** The facts of one version: what it is for, how good it is, on whose word, and what it may become. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { acceptLicence, readCard, trustPublisher } from "../../api/models";
import type { ModelDetail } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { giveFile } from "../../ui/give_file";
import { usePermission } from "../access/me";
import { RunCohort } from "../inference/RunCohort";
import { MODELS } from "./models_query";
import { StatusForm } from "./StatusForm";
import { Trials } from "./Trials";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return lines.length === 0 ? (
    <>–</>
  ) : (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Use({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { date } = useFormats();
  return (
    <section aria-label={t("models.use")}>
      <h3>{t("models.use")}</h3>
      <dl>
        <Fact name={t("models.purpose")}>{said(model.purpose, model.purpose_zh)}</Fact>
        <Fact name={t("models.user")}>{said(model.user, model.user_zh) || "–"}</Fact>
        <Fact name={t("models.against")}>
          <Lines lines={said(model.contraindications, model.contraindications_zh)} />
        </Fact>
        <Fact name={t("models.autonomy")}>{t(`models.autonomy.${model.row.autonomy}`)}</Fact>
        <Fact name={t("models.registered")}>
          {model.jurisdictions.length === 0
            ? t("models.registered.none")
            : model.jurisdictions.map((one) => [one.code, one.basis, one.number, one.until && date(one.until)].filter(Boolean).join(" ")).join("; ")}
        </Fact>
      </dl>
    </section>
  );
}

function Slides({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const named = (terms: ModelDetail["stains"]) =>
    terms.length === 0 ? t("models.any") : terms.map((term) => said(term.en, term.zh)).join(", ");
  return (
    <section aria-label={t("models.slides")}>
      <h3>{t("models.slides")}</h3>
      <dl>
        <Fact name={t("models.stains")}>{named(model.stains)}</Fact>
        <Fact name={t("models.organs")}>{named(model.organs)}</Fact>
        <Fact name={t("models.specimens")}>{named(model.specimen_types)}</Fact>
        <Fact name={t("models.scanners")}>{model.scanners.join(", ") || t("models.any")}</Fact>
        {model.um_per_px !== null && model.tile_px !== null && (
          <Fact name={t("models.scale")}>{t("models.scale.value", { um: model.um_per_px, px: model.tile_px })}</Fact>
        )}
        {model.classes.length > 0 && (
          <Fact name={t("models.classes")}>
            <ul className="model-classes">
              {model.classes.map((one) => (
                <li key={one.name}>
                  <svg viewBox="0 0 10 10" aria-hidden="true">
                    <rect width="10" height="10" rx="2" fill={one.colour || "currentColor"} />
                  </svg>
                  {said(one.title, one.title_zh)}
                </li>
              ))}
            </ul>
          </Fact>
        )}
        {model.operating_points.length > 0 && (
          <Fact name={t("models.points")}>
            <Lines lines={said(model.operating_points, model.operating_points_zh).map((one) => [one.name, one.class_name, `≥ ${one.threshold}`, one.claim].filter(Boolean).join(" · "))} />
          </Fact>
        )}
        {model.abstains_below !== null && <Fact name={t("models.abstains")}>{model.abstains_below}</Fact>}
        <Fact name={t("models.limits")}>
          <Lines lines={said(model.limits, model.limits_zh)} />
        </Fact>
      </dl>
    </section>
  );
}

function Origin({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const { dateTime, figure } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const mayManage = usePermission("models.manage");
  const mayRelease = usePermission("models.release");
  const onSuccess = () => client.invalidateQueries({ queryKey: [MODELS] });
  const accept = useMutation({ mutationFn: () => acceptLicence(model.row.id), onSuccess });
  const trust = useMutation({ mutationFn: () => trustPublisher(model.signed_with, model.row.publisher), onSuccess });
  const error = accept.error ?? trust.error;
  const publisher = model.trusted_publisher;
  return (
    <section aria-label={t("models.origin")}>
      <h3>{t("models.origin")}</h3>
      {error && <p role="alert">{problemText(error)}</p>}
      <dl>
        <Fact name={t("models.publisher")}>{model.row.publisher}</Fact>
        <Fact name={t("models.signed")}>
          {!model.signed_with ? t("models.signed.no") : publisher === null ? t("models.signed.unknown") : t("models.signed.trusted", { name: publisher })}
          {model.signed_with && <code>{model.signed_with}</code>}
          {model.signed_with && publisher === null && mayRelease && (
            <Button needsServer isPending={trust.isPending} onPress={() => { trust.mutate(); }}>
              {t("models.trust")}
            </Button>
          )}
        </Fact>
        <Fact name={t("models.licence")}>
          {model.row.licence}
          {!model.clinical_use && ` · ${t("models.licence.noClinical")}`}
          {!model.commercial_use && ` · ${t("models.licence.noCommercial")}`}
          {model.licence_note && <q>{model.licence_note}</q>}
          {model.accepted_by !== null && model.accepted_at !== null && (
            <span className="second">{t("models.licence.accepted", { name: model.accepted_by, at: dateTime(model.accepted_at) })}</span>
          )}
          {model.row.awaits_acceptance && <span className="waits">{t("models.licence.waits")}</span>}
          {model.row.awaits_acceptance && mayManage && (
            <Button needsServer isPending={accept.isPending} onPress={() => { accept.mutate(); }}>
              {t("models.licence.accept")}
            </Button>
          )}
        </Fact>
        <Fact name={t("models.access")}>{t(`models.access.${model.row.access}`)}</Fact>
        <Fact name={t("models.training")}>
          <Lines lines={said(model.training, model.training_zh)} />
        </Fact>
        <Fact name={t("models.golden")}>{t("models.golden.value", { n: model.golden_tiles, difference: figure(model.golden_difference) })}</Fact>
        <Fact name={t("models.added")}>{t("models.byAt", { name: model.added_by, at: dateTime(model.row.added_at) })}</Fact>
        <Fact name={t("models.address")}>
          <code>{model.address}</code>
        </Fact>
      </dl>
    </section>
  );
}

function History({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  return (
    <section aria-label={t("models.history")}>
      <h3>{t("models.history")}</h3>
      {model.changes.length === 0 && <p className="second">{t("models.history.none")}</p>}
      <ul className="model-history">
        {model.changes.map((one) => (
          <li key={one.at}>
            <strong>{t("models.changed", { before: t(`models.status.${one.before}`), after: t(`models.status.${one.after}`) })}</strong>
            <span className="second">{t("models.byAt", { name: one.by, at: dateTime(one.at) })}</span>
            <span>{one.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function ModelPanel({ model }: { model: ModelDetail }) {
  const { t, i18n } = useTranslation();
  const said = useSaidIn();
  const problemText = useProblemText();
  const { row } = model;
  const mayCompare = usePermission("inference.view_shadow");
  const file = `${row.model_id}-${row.version}`;
  const save = useMutation({
    mutationFn: async ({ form, name }: { form: string; name: string }) => { giveFile(await readCard(row.id, form), name); },
  });
  const language = i18n.language.startsWith("zh") ? "zh" : "en";
  const summary = said(model.summary, model.summary_zh);
  return (
    <article className="model" aria-label={`${row.name} ${row.version}`}>
      <header>
        <h2>{said(row.name, row.name_zh)}</h2>
        <p className="second">
          {row.model_id} {row.version} · {t(`models.task.${row.task}`)}
        </p>
        <p className={`model-standing ${row.status}`}>{t(`models.standing.${row.status}`)}</p>
        {summary && <p>{summary}</p>}
        <div className="model-files">
          <Button needsServer isPending={save.isPending} onPress={() => { save.mutate({ form: `facts.pdf?language=${language}`, name: `${file}.pdf` }); }}>
            {t("models.facts")}
          </Button>
          <Button needsServer isPending={save.isPending} onPress={() => { save.mutate({ form: "monai.json", name: `${file}.json` }); }}>
            {t("models.monai")}
          </Button>
          <Button needsServer isPending={save.isPending} onPress={() => { save.mutate({ form: `chai.xml?language=${language}`, name: `${file}.xml` }); }}>
            {t("models.chai")}
          </Button>
          {mayCompare && <Link className="button" to="/comparison" search={{ first: row.id }}>{t("models.compare")}</Link>}
        </div>
        {save.error && <p role="alert">{problemText(save.error)}</p>}
      </header>
      <Use model={model} />
      <Slides model={model} />
      <Trials model={model} />
      <Origin model={model} />
      <RunCohort row={row} />
      <StatusForm model={model} />
      <History model={model} />
    </article>
  );
}
