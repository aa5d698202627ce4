/** All readings side by side with what differs, and what the third reader decides. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { comparisonQuery, decideReread } from "../../api/quality";
import type { Gravity, RereadComparison, RereadDifference, RereadRow, VerdictAsked } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { inWords } from "../reports/form";
import { GravityMark } from "./Marks";
import { useRereadAct } from "./use_reread";

const STANDINGS = ["first", "second", "neither"] as const;
const GRAVITIES = ["none", "minor", "major"] as const satisfies readonly Gravity[];
const DEFECTS = ["misinterpretation", "misidentification", "specimen", "report"] as const;
const MOST_WORDS = 4000;

function Differences({ differences }: { differences: readonly RereadDifference[] }) {
  const { t, i18n } = useTranslation();
  if (differences.length === 0) return <p className="second">{t("quality.same")}</p>;
  return (
    <table className="side-by-side">
      <thead>
        <tr>
          <th scope="col">{t("quality.element")}</th>
          <th scope="col">{t("quality.first")}</th>
          <th scope="col">{t("quality.second")}</th>
          <th scope="col">{t("quality.column.gravity")}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((one) => (
          <tr key={one.element} className={one.gravity}>
            <th scope="row">{inWords(one.label, i18n.language)}</th>
            <td>{one.first ? inWords(one.first, i18n.language) : "–"}</td>
            <td>{one.second ? inWords(one.second, i18n.language) : "–"}</td>
            <td>
              <GravityMark gravity={one.gravity} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Readings({ data }: { data: RereadComparison }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  return (
    <>
      {data.seconds.map((one) => (
        <section key={`${one.kind}-${one.at}`} className="block">
          <h2>{one.kind === "model" ? t("quality.byModel", { name: one.name, version: one.version }) : t("quality.byPerson", { name: one.name })}</h2>
          <p className="second">{dateTime(one.at)}</p>
          <Differences differences={one.differences} />
          {(data.first_words !== "" || one.words !== "") && (
            <dl className="both-words">
              <dt>{t("quality.first")}</dt>
              <dd>{data.first_words || "–"}</dd>
              <dt>{t("quality.second")}</dt>
              <dd>{one.words || "–"}</dd>
            </dl>
          )}
        </section>
      ))}
      {data.rules_source !== "" && <p className="hint">{t("quality.rules", { source: data.rules_source })}</p>}
    </>
  );
}

function Verdict({ row }: { row: RereadRow }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [verdict, setVerdict] = useState<VerdictAsked>({ standing: "first", gravity: "none", defect: "none", words: "" });
  const deciding = useRereadAct((asked: VerdictAsked) => decideReread(row.id, asked));
  const upholds = verdict.standing === "first";
  const change = (patch: Partial<VerdictAsked>) => { setVerdict((before) => ({ ...before, ...patch })); };
  return (
    <form
      className="block verdict"
      onSubmit={(event) => {
        event.preventDefault();
        deciding.mutate(verdict);
      }}
    >
      <h2>{t("quality.verdict")}</h2>
      <div className="actions">
        <Select
          label={t("quality.standing")}
          value={verdict.standing}
          options={STANDINGS.map((value) => ({ value, text: t(`quality.standing.${value}`) }))}
          onChange={(standing) => { change(standing === "first" ? { standing, gravity: "none", defect: "none" } : { standing, defect: verdict.defect === "none" ? "misinterpretation" : verdict.defect }); }}
        />
        {!upholds && (
          <>
            <Select label={t("quality.column.gravity")} value={verdict.gravity} options={GRAVITIES.map((value) => ({ value, text: t(`quality.gravity.${value}`) }))} onChange={(gravity) => { change({ gravity }); }} />
            <Select label={t("quality.defect")} value={verdict.defect} options={DEFECTS.map((value) => ({ value, text: t(`quality.defect.${value}`) }))} onChange={(defect) => { change({ defect }); }} />
          </>
        )}
      </div>
      <label>
        <span>{t("quality.why")}</span>
        <textarea className="input report-text" rows={3} maxLength={MOST_WORDS} value={verdict.words} onChange={(event) => { change({ words: event.target.value }); }} />
      </label>
      <p className="hint">{t("quality.defect.source")}</p>
      <Button type="submit" look="primary" isPending={deciding.isPending} isDisabled={verdict.words.trim() === ""}>
        {t("quality.decide")}
      </Button>
      {deciding.error && (
        <p role="alert" className="wrong">
          {problemText(deciding.error)}
        </p>
      )}
    </form>
  );
}

export function Decision({ row }: { row: RereadRow }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { data, error, refetch } = useQuery(comparisonQuery(row.id));
  if (error)
    return (
      <div className="blank" role="alert">
        <p>{problemText(error)}</p>
        <Button icon="retry" onPress={() => void refetch()}>
          {t("action.retry")}
        </Button>
      </div>
    );
  if (!data) return null;
  return (
    <>
      {row.standing !== null && row.defect !== null && (
        <section className="block">
          <h2>{t("quality.decided", { name: row.decided_by_name ?? "" })}</h2>
          <p>
            {t(`quality.standing.${row.standing}`)}
            {row.defect !== "none" && ` · ${t(`quality.defect.${row.defect}`)}`}
          </p>
          {data.decided_words !== "" && <p className="request">{data.decided_words}</p>}
        </section>
      )}
      <Readings data={data} />
      {row.state === "arbitration" && <Verdict row={row} />}
    </>
  );
}
