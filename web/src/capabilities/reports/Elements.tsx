/** The synoptic part: each element a question that is answered by keys alone. */
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ReportContent, ReportElement, ReportProblem, ReportStatement, ReportTemplate, ReportValue } from "../../api/types";
import { Button } from "../../ui/controls";
import { Dictated } from "./Dictated";
import { ModelActs } from "./ModelActs";
import { useAnnotator } from "../annotations/annotators";
import { answered, byDigit, fillIn, inWords, isComputed, numberOf, toggled, type Values } from "./form";
import { measuredIn } from "./measures";
import { usePlaces } from "./place";
import { StatementMark } from "./Standing";
import { accepted, edited, ofElement, rejected, standingOf, statementOf } from "./statements";
import { Supports } from "./Supports";
import { useAnswerText } from "./words";

interface FieldProps {
  element: ReportElement;
  value: ReportValue | undefined;
  onAnswer: (value: ReportValue | undefined) => void;
  describedBy: string | undefined;
}

const NUMBERED = 9;

/** One option or several, as radio buttons or boxes with their digits. */
function Options({ element, value, onAnswer }: FieldProps) {
  const { t, i18n } = useTranslation();
  const name = useId();
  const many = element.kind === "choices";
  const choices =
    element.kind === "yes_no"
      ? [
          { id: true, text: t("report.yes") },
          { id: false, text: t("report.no") },
        ]
      : element.options.map(({ id, label }) => ({ id, text: inWords(label, i18n.language) }));
  return (
    <div className="options-of">
      {choices.map(({ id, text }, index) => {
        const isChosen = Array.isArray(value) ? value.includes(String(id)) : value === id;
        return (
          <label key={String(id)} className={isChosen ? "answer-choice chosen" : "answer-choice"}>
            <input
              type={many ? "checkbox" : "radio"}
              name={name}
              checked={isChosen}
              onChange={() => { onAnswer(many ? toggled(element, value, String(id)) : id); }}
            />
            {index < NUMBERED && <kbd aria-hidden="true">{index + 1}</kbd>}
            <span>{text}</span>
          </label>
        );
      })}
    </div>
  );
}

/** A number with its unit; the length or area of the selected mark goes in by a press. */
function NumberField({ element, value, onAnswer, describedBy }: FieldProps) {
  const { t, i18n } = useTranslation();
  const { beside } = usePlaces();
  const mark = useAnnotator(beside?.pane ?? "")?.selected;
  const measured = mark ? measuredIn(mark, element.unit) : null;
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed !== null && Number.isNaN(numberOf(typed));
  const id = useId();
  return (
    <div className="number-of">
      <input
        className="input"
        inputMode="decimal"
        autoComplete="off"
        aria-label={inWords(element.label, i18n.language)}
        aria-invalid={wrong}
        aria-describedby={wrong ? id : describedBy}
        value={typed ?? (typeof value === "number" ? String(value) : "")}
        onChange={(event) => {
          const text = event.target.value;
          const figure = numberOf(text);
          setTyped(text);
          if (!Number.isNaN(figure)) onAnswer(figure ?? undefined);
        }}
        onBlur={() => { if (!wrong) setTyped(null); }}
      />
      {element.unit && <span className="second">{element.unit}</span>}
      {measured !== null && (
        <Button
          look="quiet"
          icon="line"
          onPress={() => {
            setTyped(null);
            onAnswer(measured);
          }}
        >
          {t("report.insertMeasured", { value: measured, unit: element.unit })}
        </Button>
      )}
      {wrong && (
        <p id={id} className="wrong">
          {t("report.noNumber")}
        </p>
      )}
    </div>
  );
}

function TextAnswer({ element, value, onAnswer, describedBy }: FieldProps) {
  const { i18n } = useTranslation();
  return (
    <textarea
      className="input report-text"
      rows={1}
      maxLength={4000}
      aria-label={inWords(element.label, i18n.language)}
      aria-describedby={describedBy}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => { onAnswer(event.target.value); }}
    />
  );
}

const INPUTS = { choice: Options, choices: Options, yes_no: Options, number: NumberField, text: TextAnswer } as const;

interface QuestionProps {
  element: ReportElement;
  value: ReportValue | undefined;
  isRequired: boolean;
  problems: readonly ReportProblem[];
  statement: ReportStatement | undefined;
  /** Whether keys on the slide act on it. */
  atHand: boolean;
  onAnswer: (value: ReportValue | undefined) => void;
  onAccept: () => void;
  onReject: () => void;
  children: ReactNode;
}

function Question({ element, value, isRequired, problems, statement, atHand, onAnswer, onAccept, onReject, children }: QuestionProps) {
  const { t, i18n } = useTranslation();
  const standing = standingOf(statement);
  /** A model would not say, or a person would not have what it said. */
  const open = value !== undefined ? null : standing === "ai" ? "abstained" : standing === "edited" ? "rejected" : null;
  const id = useId();
  const Input = INPUTS[element.kind];
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return;
    const isTyped = event.target instanceof HTMLElement && event.target.matches("textarea, input:not([type=radio], [type=checkbox])");
    if (isTyped || !(event.target instanceof HTMLInputElement)) return;
    if (event.key === "Backspace" || event.key === "Delete") onAnswer(undefined);
    else {
      const chosen = /^[1-9]$/.test(event.key) ? byDigit(element, value, Number(event.key)) : undefined;
      if (chosen === undefined) return;
      onAnswer(chosen);
      // Where the answer is, there one is too, for whoever goes on by arrows.
      event.currentTarget.querySelectorAll("input")[Number(event.key) - 1]?.focus();
    }
    event.preventDefault();
  };
  const described = problems.length > 0 ? `${id}-problems` : undefined;
  return (
    <fieldset className={`question ${open ?? standing} ${atHand && standing === "ai" ? "at-hand" : ""}`} data-field={ofElement(element.id)} aria-describedby={described} onKeyDown={onKeyDown}>
      <legend>
        {inWords(element.label, i18n.language)}
        {isRequired && <span className="required">{t("report.required")}</span>}
        {standing !== "own" && value !== undefined && <StatementMark statement={statement} standing={standing} />}
        {open && <span className="second">{t(`report.${open}`)}</span>}
      </legend>
      <Input element={element} value={value} onAnswer={onAnswer} describedBy={described} />
      {element.source !== null && (
        <p className="hint">{t(element.is_unverified ? "report.source.unverified" : "report.source", { source: element.source })}</p>
      )}
      {element.kind === "text" && <Dictated field={ofElement(element.id)} />}
      {problems.length > 0 && (
        <ul id={described} className="wrong">
          {problems.map((problem, index) => (
            <li key={index}>{t(`report.problem.${problem.kind}`, { what: inWords(problem.text, i18n.language) })}</li>
          ))}
        </ul>
      )}
      {standing === "ai" && value !== undefined && <ModelActs onAccept={onAccept} onReject={onReject} />}
      {children}
    </fieldset>
  );
}

/** What follows from answers by a published rule, and which. */
function Computed({ element, value }: { element: ReportElement; value: ReportValue | undefined }) {
  const { t, i18n } = useTranslation();
  const answerText = useAnswerText();
  return (
    <div className="question computed">
      <span className="label">{inWords(element.label, i18n.language)}</span>
      <output>{value === undefined ? t("report.computed.open") : answerText(element, value)}</output>
      {element.source !== null && <span className="hint">{t("report.computed.by", { source: element.source })}</span>}
    </div>
  );
}

interface ElementsProps {
  template: ReportTemplate;
  content: ReportContent;
  onChange: (content: ReportContent) => void;
  /** What followed from the answers when they were checked last. */
  computed: Values;
  problems: readonly ReportProblem[];
  /** The field whose places are shown. */
  atHand?: string | null;
}

export function Elements({ template, content, onChange, computed, problems, atHand }: ElementsProps) {
  const { t, i18n } = useTranslation();
  const { shown, required } = fillIn(template.elements, content.values, computed);
  const contradictions = problems.filter(({ kind }) => kind === "contradiction");
  return (
    <section className="block report-elements" aria-label={inWords(template.label, i18n.language)}>
      <h3>{inWords(template.label, i18n.language)}</h3>
      {shown.map((element) => {
        const subject = ofElement(element.id);
        if (isComputed(element)) return <Computed key={element.id} element={element} value={computed[element.id]} />;
        return (
          <Question
            key={element.id}
            element={element}
            value={content.values[element.id]}
            isRequired={required.has(element.id)}
            problems={problems.filter((problem) => problem.subject === subject)}
            statement={statementOf(content, subject)}
            atHand={subject === atHand}
            onAnswer={(value) => { onChange(edited({ ...content, values: answered(content.values, element.id, value) }, subject)); }}
            onAccept={() => { onChange(accepted(content, subject)); }}
            onReject={() => { onChange(rejected(content, subject)); }}
          >
            <Supports subject={subject} content={content} onChange={onChange} />
          </Question>
        );
      })}
      {contradictions.map(({ text }, index) => (
        <p key={index} className="wrong" role="alert">
          {t("report.problem.contradiction", { what: inWords(text, i18n.language) })}
        </p>
      ))}
    </section>
  );
}
