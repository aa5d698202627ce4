import { useTranslation } from "react-i18next";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import type { Annotator } from "../../viewer/annotate/annotator";
import { targetOf, type Mark, type MarkContent } from "../../viewer/annotate/mark";
import { saidIn, TYPED_FIELDS } from "../../viewer/annotate/typed";
import { FIELD_NAMES } from "./Typed";

/** What both said, field by field. */
function Differences({ mark, change }: { mark: Mark; change: Partial<MarkContent> }) {
  const { t } = useTranslation();
  const both = TYPED_FIELDS.flatMap((field) => (change[field] === undefined ? [] : [{ field, mine: change[field] ?? "", theirs: saidIn(mark, field) }]));
  return (
    <dl className="both">
      {both.map(({ field, mine, theirs }) => (
        <div key={field}>
          <dt>{t(FIELD_NAMES[field])}</dt>
          <dd>{t("annotate.conflict.said.theirs", { name: mark.changed_by.name, text: theirs || "–" })}</dd>
          <dd>{t("annotate.conflict.said.mine", { text: mine || "–" })}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the server did not take: nothing is thrown away until the person says so. */
export function Troubles({ annotator }: { annotator: Annotator }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { document: marks } = annotator;
  return marks.troubles.map((trouble) => {
    const { command, failure, error } = trouble;
    const first = command.changes[0];
    const theirs = first && marks.marks.get(targetOf(first));
    const isGone = failure === "changed" && !theirs;
    return (
      <section key={command.id} className="block trouble" role="alert">
        <p>
          <Icon name="warning" />
          {failure === "refused"
            ? problemText(error)
            : isGone
              ? t("annotate.conflict.gone")
              : t("annotate.conflict", { name: theirs?.changed_by.name ?? "" })}
        </p>
        {failure === "changed" && theirs && first.op === "change" && <Differences mark={theirs} change={first} />}
        <div className="actions">
          {theirs && (
            <Button look="quiet" onPress={() => { annotator.select(theirs.id); annotator.goTo(theirs.id); }}>
              {t("annotate.goTo")}
            </Button>
          )}
          <Button onPress={() => { marks.giveUp(trouble); }}>{t(failure === "changed" ? "annotate.conflict.theirs" : "annotate.conflict.drop")}</Button>
          {!isGone && <Button onPress={() => { marks.insist(trouble); }}>{t(failure === "changed" ? "annotate.conflict.mine" : "action.retry")}</Button>}
        </div>
      </section>
    );
  });
}
