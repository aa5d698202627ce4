/** Two people wrote at once: both versions, and the choice between them. */
import { useTranslation } from "react-i18next";
import type { ReportShown, ReportTemplate } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { Button } from "../../ui/controls";
import { inWords, SECTIONS } from "./form";
import type { Draft } from "./draft";
import { writtenIn, type Written } from "./drafts";
import { useAnswerText } from "./words";

const asText = (value: unknown): string => JSON.stringify(value) ?? "";

/** What the two say otherwise, each in words. */
function useDiffering(template: ReportTemplate | null): (mine: Written, theirs: Written) => { id: string; label: string; mine: string; theirs: string }[] {
  const { t, i18n } = useTranslation();
  const answerText = useAnswerText();
  return ({ content: mine }, { content: theirs }) => {
    const elements = (template?.elements ?? [])
      // What is computed follows from the rest, and is not typed by anybody.
      .filter(({ id, computed_from: from }) => from.length === 0 && asText(mine.values[id]) !== asText(theirs.values[id]))
      .map((element) => {
        const said = (value: (typeof mine.values)[string] | undefined) => (value === undefined ? t("report.nothing") : answerText(element, value));
        return { id: element.id, label: inWords(element.label, i18n.language), mine: said(mine.values[element.id]), theirs: said(theirs.values[element.id]) };
      });
    const sections = SECTIONS.filter((section) => (mine.sections[section] ?? "") !== (theirs.sections[section] ?? "")).map((section) => ({
      id: section,
      label: t(`report.section.${section}`),
      mine: mine.sections[section] || t("report.nothing"),
      theirs: theirs.sections[section] || t("report.nothing"),
    }));
    const pictured = ({ figures, photographs }: typeof mine) => [...photographs, ...figures];
    const figures = asText(pictured(mine)) === asText(pictured(theirs)) ? [] : [{ id: "figures", label: t("report.figures"), mine: String(pictured(mine).length), theirs: String(pictured(theirs).length) }];
    return [...elements, ...sections, ...figures];
  };
}

interface ConflictProps {
  draft: Draft<Written>;
  report: ReportShown;
  template: ReportTemplate | null;
}

export function Conflict({ draft, report, template }: ConflictProps) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const differing = useDiffering(template);
  const { current } = report;
  // What the other one wrote is on its way.
  if (!current?.content || current.number === draft.base) return null;
  const theirs = writtenIn(current, current.content);
  return (
    <section className="block conflict" role="alert" aria-label={t("report.conflict")}>
      <h3>{t("report.conflict")}</h3>
      <p>{t("report.conflict.who", { name: current.author_name, number: current.number, at: dateTime(current.at) })}</p>
      <table className="compared">
        <thead>
          <tr>
            <th />
            <th>{t("report.conflict.mine")}</th>
            <th>{current.author_name}</th>
          </tr>
        </thead>
        <tbody>
          {differing(draft.content, theirs).map(({ id, label, mine, theirs: other }) => (
            <tr key={id}>
              <th scope="row">{label}</th>
              <td className="report-text">{mine}</td>
              <td className="report-text">{other}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="actions">
        <Button needsServer onPress={() => void draft.keepMine(current.number)}>
          {t("report.conflict.keepMine")}
        </Button>
        <Button onPress={() => { draft.takeTheirs(current.number, theirs); }}>{t("report.conflict.takeTheirs")}</Button>
      </div>
      <p className="hint">{t("report.conflict.hint", { number: current.number })}</p>
    </section>
  );
}
