/** A version of a report to be read: its answers, its text, its pictures, and what supports each. */
import { useTranslation } from "react-i18next";
import type { ReportCheck, ReportContent, ReportLanguage, ReportTemplate } from "../../api/types";
import { inWords, SECTIONS } from "./form";
import { Figures } from "./Figures";
import { StatementMark, type Mark } from "./Standing";
import { ofElement, ofSection, standingOf, statementOf } from "./statements";
import { Supports } from "./Supports";
import { useAnswerText } from "./words";

interface ReportBodyProps {
  caseId: string;
  content: ReportContent;
  template: ReportTemplate | null;
  language: ReportLanguage;
  mark: Mark;
  /** What follows from it; null while the server has not said so. */
  check: ReportCheck | null;
}

export function ReportBody({ caseId, content, template, language, mark, check }: ReportBodyProps) {
  const { t, i18n } = useTranslation();
  const answerText = useAnswerText();
  const answers = (template?.elements ?? []).flatMap((element) => {
    const value = content.values[element.id];
    return value === undefined ? [] : [{ element, value }];
  });
  /** Which model said it, and what a person made of that. */
  const said = (subject: string) => {
    const statement = statementOf(content, subject);
    const standing = standingOf(statement);
    return standing !== "own" && <StatementMark statement={statement} standing={standing} />;
  };
  return (
    <div className={`report-body ${mark}`}>
      {template && answers.length > 0 && (
        <section className="block">
          <h3>{inWords(template.label, i18n.language)}</h3>
          <dl className="answers">
            {answers.map(({ element, value }) => (
              <div key={element.id}>
                <dt>{inWords(element.label, i18n.language)}</dt>
                <dd>
                  {answerText(element, value)} {said(ofElement(element.id))}
                  <Supports subject={ofElement(element.id)} content={content} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {SECTIONS.filter((section) => content.sections[section]).map((section) => (
        <section key={section} className="block">
          <h3>
            {t(`report.section.${section}`)} {said(ofSection(section))}
          </h3>
          <p className="report-text" lang={language === "zh" ? "zh-CN" : "en"}>
            {content.sections[section]}
          </p>
          <Supports subject={ofSection(section)} content={content} />
        </section>
      ))}
      <Figures caseId={caseId} content={content} foreign={check?.foreign_images ?? []} />
    </div>
  );
}
