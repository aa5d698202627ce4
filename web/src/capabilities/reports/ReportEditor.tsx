/** A report that is being written: answers, text, pictures, and how far it is on its way to the server. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { handOverReport, reportQuery, templateQuery, templatesQuery } from "../../api/reports";
import type { ReportContent, ReportLanguage, ReportShown, ReportTemplate } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, Select } from "../../ui/controls";
import { chordOf } from "../../viewer/bindings";
import { bindings } from "../../viewer/keys";
import { SignDialog, useAct, WithdrawDialog } from "./Acts";
import { placeBeside, placesOf, standAt, standsAt, type FindingActs } from "./at_hand";
import { Conflict } from "./Conflict";
import { Critical } from "./Critical";
import type { Draft } from "./draft";
import { DictatingContext, useDictator } from "./Dictated";
import { joined } from "./dictation";
import { Drafted } from "./Drafted";
import { Offered } from "./Offered";
import { useDraft, type Written } from "./drafts";
import { Elements } from "./Elements";
import { Figures } from "./Figures";
import { FindingsOver } from "./FindingsOver";
import { focusBeside, focusField, goesOn } from "./field_keys";
import { answered, fillIn, inWords, languageOf, SECTIONS, type Values } from "./form";
import { usePlaces } from "./place";
import { ReportHead } from "./ReportHead";
import { Sections } from "./Sections";
import { accepted, allAccepted, edited, isUntaken, ofElement, ofSection, rejected } from "./statements";
import { AddSupport } from "./Supports";
import { useCheck, useTemplate } from "./use_report";
import { useScrollKept } from "./use_scroll_kept";

const NO_TEMPLATE = "-";

/** How what is written stands with the server. */
function SaveState({ draft }: { draft: Draft<Written> }) {
  const { t } = useTranslation();
  const { time } = useFormats();
  const problemText = useProblemText();
  const { state, savedAt } = draft;
  const text = state === "saved" ? (savedAt ? t("report.saved", { at: time(savedAt) }) : "") : state === "refused" ? problemText(draft.error) : t(`report.save.${state}`);
  return (
    <span role="status" className={`save-state ${state}`}>
      {text}
    </span>
  );
}

/** The answers that have a place in a template. */
const fitting = (values: Values, { elements }: ReportTemplate): Record<string, Values[string]> => {
  const ids = new Set(elements.map(({ id }) => id));
  return Object.fromEntries(Object.entries(values).filter(([id]) => ids.has(id)));
};

/** Which template; those that fit what came in stand first. */
function TemplateChoice({ report, content, onChange }: { report: ReportShown; content: ReportContent; onChange: (content: ReportContent) => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [asks, setAsks] = useState<{ next: ReportContent; lost: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const rows = useQuery(templatesQuery).data ?? [];
  const rank = (id: string) => (report.suggested_templates.includes(id) ? report.suggested_templates.indexOf(id) : Infinity);
  const sorted = [...rows].sort((a, b) => (rank(a.id) === rank(b.id) ? inWords(a.label, i18n.language).localeCompare(inWords(b.label, i18n.language), i18n.language) : rank(a.id) - rank(b.id)));
  const choose = async (id: string) => {
    setError(null);
    try {
      const template = id === NO_TEMPLATE ? null : await client.ensureQueryData(templateQuery(id));
      const values = template ? fitting(content.values, template) : {};
      const next = { ...content, template: template && { id: template.id, version: template.version, digest: template.digest }, values };
      const lost = Object.keys(content.values).length - Object.keys(values).length;
      if (lost > 0) setAsks({ next, lost });
      else onChange(next);
    } catch (problem) {
      setError(problem);
    }
  };
  const isOpen = !content.template && Object.values(content.sections).every((text) => text === "");
  return (
    <section className="block template-choice">
      <div className="field">
        <span className="label" aria-hidden="true">
          {t("report.template")}
        </span>
        <Select
          label={t("report.template")}
          value={content.template?.id ?? NO_TEMPLATE}
          options={[{ value: NO_TEMPLATE, text: t("report.template.none") }, ...sorted.map(({ id, label }) => ({ value: id, text: inWords(label, i18n.language) }))]}
          onChange={(id) => void choose(id)}
        />
      </div>
      {isOpen && report.suggested_templates.length > 0 && (
        <div className="actions" role="group" aria-label={t("report.template.suggested")}>
          {sorted
            .filter(({ id }) => report.suggested_templates.includes(id))
            .map(({ id, label }) => (
              <Button key={id} onPress={() => void choose(id)}>
                {inWords(label, i18n.language)}
              </Button>
            ))}
        </div>
      )}
      {isOpen && <p className="hint">{t("report.template.hint")}</p>}
      {error !== null && (
        <p role="alert" className="wrong">
          {problemText(error)}
        </p>
      )}
      <Dialog title={t("report.template")} isOpen={asks !== null} onClose={() => { setAsks(null); }}>
        <div className="form">
          <p>{t("report.template.losing", { count: asks?.lost ?? 0 })}</p>
          <div className="actions">
            <Button look="primary" onPress={() => { setAsks(null); }}>
              {t("action.cancel")}
            </Button>
            <Button
              onPress={() => {
                if (asks) onChange(asks.next);
                setAsks(null);
              }}
            >
              {t("report.template.change")}
            </Button>
          </div>
        </div>
      </Dialog>
    </section>
  );
}

export function ReportEditor({ report, person }: { report: ReportShown; person: string }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const form = useRef<HTMLDivElement>(null);
  useScrollKept(form, report.case_id);
  const draft = useDraft(person, report, languageOf(i18n.language));
  const { content, language } = draft.content;
  const template = useTemplate(report, content);
  const check = useCheck(report, content);
  // The first knows what is written just now, the second of a slide that somebody unlinked meanwhile.
  const foreign = [...(check?.foreign_images ?? []), ...(report.check?.foreign_images ?? [])];
  const [signs, setSigns] = useState<ReportShown | null>(null);
  const [withdrawn, setWithdrawn] = useState<ReportShown | null>(null);
  const { beside, go, lend } = usePlaces();
  /** The field at hand: what is on the screen would support it, and its places are shown. */
  const [subject, setSubject] = useState<string | null>(() => standsAt(report.case_id)?.subject ?? null);
  const [showsMissing, setShowsMissing] = useState(false);
  const change = (next: ReportContent) => { draft.change({ ...draft.content, content: next }); };
  const missing = template ? fillIn(template.elements, content.values, check?.values ?? {}).missing : [];
  // What has not been reached yet is no mistake; it is called one once somebody wants to be done.
  const problems = (check?.problems ?? []).filter(({ kind }) => showsMissing || kind !== "missing");

  /** The report as the server has it once everything here is saved; null where it is not. */
  const settled = async (): Promise<ReportShown | null> => {
    if (!(await draft.flush())) return null;
    return client.fetchQuery({ ...reportQuery(report.case_id), staleTime: 0 });
  };
  const handingOver = useAct(
    report.case_id,
    async () => {
      const now = await settled();
      if (now?.current) await handOverReport(report.case_id, { version: now.current.number, sha256: now.current.sha256 });
    },
    () => { setShowsMissing(false); },
  );
  // What is still being written is kept first: it is signed, or stays among the versions.
  const beginning = useMutation({ mutationFn: async (open: (now: ReportShown | null) => void) => { open(await settled()); } });
  const beginSigning = () => {
    setShowsMissing(true);
    beginning.mutate(setSigns);
  };
  const failed = handingOver.error ?? beginning.error;
  const isChanged = draft.state === "changed";
  const known = report.current?.number ?? null;
  useEffect(() => {
    // What may be done next depends on what the server has by now, as does what another one wrote.
    if (isChanged || draft.base !== known) void client.invalidateQueries(reportQuery(report.case_id));
  }, [isChanged, draft.base, known, client, report.case_id]);
  const onFocus = (event: React.FocusEvent) => {
    const field = event.target.closest<HTMLElement>("[data-field]")?.dataset["field"];
    if (field !== undefined && !field.startsWith("figure/")) setSubject(field);
  };
  const places = useMemo(() => placesOf(content), [content]);
  const fieldOfForm = (of: string) => form.current?.querySelector<HTMLElement>(`[data-field="${of}"]`);
  const acts: FindingActs = {
    step: (by) => {
      const next = placeBeside(places, standsAt(report.case_id), by, beside?.image ?? null);
      if (next === null) return;
      standAt(report.case_id, next);
      setSubject(next.subject);
      fieldOfForm(next.subject)?.scrollIntoView({ block: "nearest" });
      go(next.image, next.region);
    },
    accept: () => { if (subject !== null && isUntaken(content, subject)) change(accepted(content, subject)); },
    reject: () => { if (subject !== null && isUntaken(content, subject)) change(rejected(content, subject)); },
    change: () => { if (subject !== null && isUntaken(content, subject)) focusField(fieldOfForm(subject)); },
  };
  useEffect(() => {
    lend?.(acts);
    return () => lend?.(null);
  });
  const besideImage = beside?.image;
  const shown = useMemo(
    () => places.flatMap((place) => (place.subject === subject && place.image === besideImage ? [place.region] : [])),
    [places, subject, besideImage],
  );
  /** Goes on to the next place, takes on, changes or rejects what a model wrote in the field where one is, or takes on all of it. Tells whether the key meant that. */
  const actsOnModel = (event: React.KeyboardEvent, target: Element): boolean => {
    const chord = chordOf(event.nativeEvent);
    const action = chord === null ? null : bindings.actionOf(chord);
    const field = target.closest<HTMLElement>("[data-field]")?.dataset["field"] ?? "";
    const isText = event.key.length === 1 && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (isText) return false;
    if (action === "nextFinding" || action === "previousFinding") acts.step(action === "nextFinding" ? 1 : -1);
    else if (action === "acceptStatements") change(allAccepted(content));
    else if (action === "changeStatement") acts.change();
    else if (action !== "acceptStatement" && action !== "rejectStatement") return false;
    else if (isUntaken(content, field)) change((action === "acceptStatement" ? accepted : rejected)(content, field));
    return true;
  };
  const dictator = useDictator(report.case_id, language);
  /** Whether words can be put into a field: a section, or an element that is answered in words. */
  const takesWords = (field: string) => SECTIONS.some((one) => ofSection(one) === field) || (template?.elements.some(({ id, kind }) => kind === "text" && ofElement(id) === field) ?? false);
  const accept = (field: string) => {
    const said = dictator?.take(field);
    if (said === null || said === undefined) return;
    const section = SECTIONS.find((one) => ofSection(one) === field);
    if (section) {
      const sections = { ...content.sections, [section]: joined(content.sections[section] ?? "", said, language) };
      change(edited({ ...content, sections }, field));
      return;
    }
    const element = template?.elements.find(({ id }) => ofElement(id) === field);
    if (!element) return;
    const before = content.values[element.id];
    const values = answered(content.values, element.id, joined(typeof before === "string" ? before : "", said, language));
    change(edited({ ...content, values }, field));
  };
  /** Begins or ends a dictation into the field where one is, and takes on or dismisses what came of it. Tells whether the key meant that. */
  const actsOnDictation = (event: React.KeyboardEvent, target: Element): boolean => {
    const chord = chordOf(event.nativeEvent);
    const action = chord === null ? null : bindings.actionOf(chord);
    const field = target.closest<HTMLElement>("[data-field]")?.dataset["field"] ?? "";
    // Wherever in the form one is: the recording may be of another field by now.
    if (event.key === "Escape" && dictator?.cancel()) {
      event.stopPropagation();
      return true;
    }
    if (!dictator || !takesWords(field)) return false;
    if (action === "dictate") {
      void dictator.toggle(field);
      return true;
    }
    const state = dictator.state();
    if (state.step !== "proposed" || state.field !== field || (action !== "acceptStatement" && action !== "rejectStatement")) return false;
    if (action === "acceptStatement") accept(field);
    else dictator.drop();
    return true;
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    // What happens in a dialog comes by here too, though it does not lie in the form.
    if (!(event.target instanceof Element) || !form.current?.contains(event.target)) return;
    if (actsOnDictation(event, event.target) || actsOnModel(event, event.target)) {
      event.preventDefault();
      return;
    }
    const by = goesOn(event.nativeEvent, event.target);
    if (by !== null && focusBeside(form.current, event.target, by)) event.preventDefault();
  };
  const labelOf = (of: string): string => {
    const element = template?.elements.find(({ id }) => ofElement(id) === of);
    if (element) return inWords(element.label, i18n.language);
    const section = SECTIONS.find((one) => ofSection(one) === of);
    return section ? t(`report.section.${section}`) : "";
  };
  const goTo = (subject: string) => { focusField(form.current?.querySelector(`[data-field="${subject}"]`)); };
  return (
    <>
      <ReportHead report={report}>
        <Select<ReportLanguage>
          label={t("report.language")}
          value={language}
          options={(["en", "zh"] as const).map((value) => ({ value, text: t(`report.language.${value}`) }))}
          onChange={(next) => { draft.change({ ...draft.content, language: next }); }}
        />
        <SaveState draft={draft} />
      </ReportHead>
      <div ref={form} className="report-form" onKeyDown={onKeyDown} onFocus={onFocus}>
        {isChanged && <Conflict draft={draft} report={report} template={template} />}
        <TemplateChoice report={report} content={content} onChange={change} />
        <Offered caseId={report.case_id} flush={() => draft.flush()} />
        <Drafted caseId={report.case_id} version={known} content={content} template={template} onChange={change} onNext={places.length > 0 ? () => { acts.step(1); } : undefined} />
        <DictatingContext value={dictator && { dictator, language, accept }}>
          {template && <Elements template={template} content={content} onChange={change} computed={check?.values ?? {}} problems={problems} atHand={subject} />}
          <Sections caseId={report.case_id} content={content} language={language} template={template} said={check?.composed[language] ?? {}} problems={problems} atHand={subject} onChange={change} />
        </DictatingContext>
        <Figures caseId={report.case_id} content={content} foreign={foreign} onChange={change} />
        <Critical caseId={report.case_id} mayWrite />
      </div>
      {beside && <FindingsOver beside={beside} regions={shown} />}
      {subject !== null && <AddSupport subject={subject} label={labelOf(subject)} content={content} onChange={change} />}
      <footer className="report-foot">
        {missing[0] && (
          <Button
            look="quiet"
            icon="warning"
            onPress={() => {
              setShowsMissing(true);
              goTo(ofElement(missing[0]?.id ?? ""));
            }}
          >
            {t("report.missing", { count: missing.length })}
          </Button>
        )}
        {failed && (
          <p role="alert" className="wrong">
            {problemText(failed)}
          </p>
        )}
        <span className="spring" />
        {report.may.withdraw && (
          <Button needsServer isPending={beginning.isPending} isDisabled={isChanged} onPress={() => { beginning.mutate(setWithdrawn); }}>
            {t("report.withdraw.begin")}
          </Button>
        )}
        {report.may.preliminary && (
          <Button needsServer isPending={handingOver.isPending} isDisabled={isChanged} onPress={() => { handingOver.mutate(undefined); }}>
            {t("report.handOver")}
          </Button>
        )}
        {report.may.sign && (
          <Button look="primary" needsServer isPending={beginning.isPending} isDisabled={isChanged} onPress={beginSigning}>
            {t("report.sign.begin")}
          </Button>
        )}
      </footer>
      {withdrawn && <WithdrawDialog report={withdrawn} isOpen onClose={() => { setWithdrawn(null); }} />}
      {signs && <SignDialog report={signs} isSecond={false} isOpen onClose={() => { setSigns(null); }} />}
    </>
  );
}
