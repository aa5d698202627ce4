/** The free text: what is dictated, typed, or taken over from the sentences that the template makes of the answers. */
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { cassettesQuery } from "../../api/grossing";
import type { ReportContent, ReportLanguage, ReportProblem, ReportTemplate } from "../../api/types";
import { Button } from "../../ui/controls";
import { linesOf } from "../grossing/contents";
import { Dictated } from "./Dictated";
import { ModelActs } from "./ModelActs";
import { StatementMark } from "./Standing";
import { inWords, SECTIONS, type Section as SectionName } from "./form";
import { accepted, composed, edited, ofSection, rejected, standingOf, statementOf } from "./statements";
import { Supports } from "./Supports";

/** Characters that a section holds. */
const MOST = 40_000;

interface SectionsProps {
  caseId: string;
  content: ReportContent;
  /** What the text is written in, which need not be what the screen is in. */
  language: ReportLanguage;
  template: ReportTemplate | null;
  /** What the template's sentences say of the answers. */
  said: Readonly<Record<string, string>>;
  problems: readonly ReportProblem[];
  /** The field whose places are shown. */
  atHand: string | null;
  onChange: (content: ReportContent) => void;
}

function Section({ section, caseId, content, language, template, said, problems, atHand, onChange }: SectionsProps & { section: SectionName }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const subject = ofSection(section);
  const text = content.sections[section] ?? "";
  const statement = statementOf(content, subject);
  const standing = standingOf(statement);
  const offered = said[section];
  const write = (next: string): ReportContent => ({ ...content, sections: { ...content.sections, [section]: next } });
  const own = problems.filter((problem) => problem.subject === subject);
  const takeOver = (sentences: string) => {
    const replaces = text.trim() === "" || statement?.source.kind === "template";
    onChange(composed(write(replaces ? sentences : `${text.trimEnd()}\n${sentences}`), subject, template?.id ?? "", String(template?.version ?? "")));
  };
  return (
    <div className={`report-section ${standing} ${subject === atHand && standing === "ai" ? "at-hand" : ""}`} data-field={subject}>
      <div className="section-head">
        <label htmlFor={id} className="label">
          {t(`report.section.${section}`)}
        </label>
        {section === "diagnosis" && <span className="required">{t("report.required")}</span>}
        {standing !== "own" && text !== "" && <StatementMark statement={statement} standing={standing} />}
      </div>
      <textarea
        id={id}
        className="input report-text"
        lang={language === "zh" ? "zh-CN" : "en"}
        rows={section === "diagnosis" ? 3 : 2}
        maxLength={MOST}
        aria-describedby={own.length > 0 ? `${id}-problems` : undefined}
        value={text}
        onChange={(event) => { onChange(edited(write(event.target.value), subject)); }}
      />
      {own.length > 0 && (
        <p id={`${id}-problems`} className="wrong">
          {own.map((problem) => t(`report.problem.${problem.kind}`, { what: inWords(problem.text, i18n.language) })).join(" ")}
        </p>
      )}
      <Dictated field={subject} />
      {standing === "ai" && text !== "" && <ModelActs onAccept={() => { onChange(accepted(content, subject)); }} onReject={() => { onChange(rejected(content, subject)); }} />}
      {offered !== undefined && !text.includes(offered) && (
        <div className="offered">
          <p className="report-text" lang={language === "zh" ? "zh-CN" : "en"}>
            {offered}
          </p>
          <Button look="quiet" icon="plus" onPress={() => { takeOver(offered); }}>
            {t("report.takeOver")}
          </Button>
        </div>
      )}
      {section === "macroscopy" && <Grossed caseId={caseId} content={content} language={language} onChange={onChange} />}
      <Supports subject={subject} content={content} onChange={onChange} />
    </div>
  );
}

/** What stands in the cassettes of the case and not in the gross description yet; nothing is put there unasked. */
function Grossed({ caseId, content, language, onChange }: Pick<SectionsProps, "caseId" | "content" | "language" | "onChange">) {
  const { t } = useTranslation();
  const { data } = useQuery(cassettesQuery(caseId));
  const text = content.sections.macroscopy ?? "";
  const missing = linesOf(data ?? [], language).filter((line) => !text.includes(line));
  if (missing.length === 0) return null;
  const take = () => {
    const macroscopy = [text.trimEnd(), ...missing].filter((line) => line !== "").join("\n");
    onChange(edited({ ...content, sections: { ...content.sections, macroscopy } }, ofSection("macroscopy")));
  };
  return (
    <div className="offered" role="group" aria-label={t("report.cassettes")}>
      <p className="label">{t("report.cassettes")}</p>
      <p className="report-text" lang={language === "zh" ? "zh-CN" : "en"}>
        {missing.join("\n")}
      </p>
      <Button look="quiet" icon="plus" onPress={take}>
        {t("report.takeOver")}
      </Button>
    </div>
  );
}

export function Sections(props: SectionsProps) {
  const { t } = useTranslation();
  return (
    <section className="block report-sections" aria-label={t("report.text")}>
      <h3>{t("report.text")}</h3>
      {SECTIONS.map((section) => (
        <Section key={section} section={section} {...props} />
      ))}
    </section>
  );
}
