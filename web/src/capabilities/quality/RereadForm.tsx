/** A second reading: the template of the first report, empty. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { templateQuery } from "../../api/reports";
import { answerReread, checkReread } from "../../api/quality";
import type { ReportContent, ReportProblem, RereadAnswers, RereadRow } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { Elements } from "../reports/Elements";
import { PlacesContext, type Places } from "../reports/place";
import { forgetAnswers, useAnswers, writeAnswers } from "./answers";
import { useRereadAct } from "./use_reread";

/** The form stands alone: there is no slide beside it to point at. */
const ALONE: Places = { beside: null, go: () => undefined };

const CHECK_AFTER_MS = 300;

/** What the answers amount to, a moment after they were given. */
function useRereadCheck(id: string, answers: RereadAnswers) {
  const [rested, setRested] = useState(answers);
  useEffect(() => {
    if (rested === answers) return;
    const timer = setTimeout(() => { setRested(answers); }, CHECK_AFTER_MS);
    return () => { clearTimeout(timer); };
  }, [answers, rested]);
  const check = useQuery({ queryKey: ["reread-check", id, rested], queryFn: () => checkReread(id, rested), placeholderData: keepPreviousData, retry: false, gcTime: 0 });
  return { ...check, isOfThese: rested === answers && check.data !== undefined && !check.isPlaceholderData };
}

export function RereadForm({ row }: { row: RereadRow }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const answers = useAnswers(row.id);
  const template = useQuery({ ...templateQuery(row.template_id, row.template_digest), enabled: row.template_id !== "" });
  const check = useRereadCheck(row.id, answers);
  const giving = useRereadAct((said: RereadAnswers) => answerReread(row.id, said), () => { forgetAnswers(row.id); });
  const content = useMemo<ReportContent>(() => ({ template: null, values: answers.values, sections: {}, figures: [], statements: [], photographs: [] }), [answers]);
  const problems = (check.data?.problems ?? []) as ReportProblem[];
  const error = giving.error ?? template.error ?? check.error;
  return (
    <PlacesContext value={ALONE}>
      <form
        className="reread-form"
        onSubmit={(event) => {
          event.preventDefault();
          giving.mutate(answers);
        }}
      >
        {template.data && (
          <Elements
            template={template.data}
            content={content}
            computed={check.data?.values ?? {}}
            problems={problems.filter(({ kind }) => kind !== "missing")}
            onChange={({ values }) => { writeAnswers(row.id, { ...answers, values }); }}
          />
        )}
        <section className="block">
          <label>
            <span>{t(row.template_id === "" ? "quality.words" : "quality.wordsToo")}</span>
            <textarea className="input report-text" rows={3} maxLength={4000} value={answers.words} onChange={(event) => { writeAnswers(row.id, { ...answers, words: event.target.value }); }} />
          </label>
        </section>
        <div className="actions">
          <Button type="submit" look="primary" isPending={giving.isPending} isDisabled={problems.length > 0 || !check.isOfThese}>
            {t("quality.answer")}
          </Button>
          <span className="second" role="status">
            {problems.length > 0 ? t("quality.open", { count: problems.length }) : ""}
          </span>
        </div>
        {error && (
          <p role="alert" className="wrong">
            {problemText(error)}
          </p>
        )}
      </form>
    </PlacesContext>
  );
}
