/** The report of a case: beside the slide, or alone on the page of the case. */
import "./reports.css";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReportShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { useMe, usePermission } from "../access/me";
import { AmendDialog, SignDialog } from "./Acts";
import { Critical } from "./Critical";
import type { Draft } from "./draft";
import { unsentOf, writtenIn, type Written } from "./drafts";
import { PlacesContext, type Places } from "./place";
import { ReportBody } from "./ReportBody";
import { ReportEditor } from "./ReportEditor";
import { ReportHead } from "./ReportHead";
import { markOf, StandingMark } from "./Standing";
import { useCheck, useReport, useTemplate } from "./use_report";
import { Prints } from "./Versions";

const MESSAGE_DELAY_MS = 800;

/** What somebody wrote when another one had signed: it is not in the report, and it is not thrown away. */
function Unsent({ report, person }: { report: ReportShown; person: string }) {
  const [, setGone] = useState(false);
  const draft = unsentOf(person, report.case_id);
  return draft ? <UnsentDraft report={report} draft={draft} onGone={() => { setGone(true); }} /> : null;
}

function UnsentDraft({ report, draft, onGone }: { report: ReportShown; draft: Draft<Written>; onGone: () => void }) {
  const { t } = useTranslation();
  const written = draft.content.content;
  const template = useTemplate(report, written);
  const check = useCheck(report, written);
  return (
    <section className="block conflict" role="alert">
      <h3>{t("report.unsent")}</h3>
      <p>{t("report.unsent.why")}</p>
      <ReportBody caseId={report.case_id} content={written} template={template} language={draft.content.language} mark="draft" check={check} />
      <Button
        onPress={() => {
          const { current } = report;
          draft.takeTheirs(current?.number ?? null, current?.content ? writtenIn(current, current.content) : draft.content);
          onGone();
        }}
      >
        {t("report.unsent.drop")}
      </Button>
    </section>
  );
}

/** A report that one reads. What is signed is locked; a change makes another version. */
function Reader({ report, person }: { report: ReportShown; person: string }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const mayWrite = usePermission("cases.report");
  const [open, setOpen] = useState<"amend" | "cosign" | null>(null);
  const { current, template, may, cosignatures } = report;
  const close = () => { setOpen(null); };
  return (
    <>
      <ReportHead report={report} />
      <div className="report-form">
        <Unsent report={report} person={person} />
        {!current && <p className="blank">{t(report.case_status === "final" ? "report.elsewhere" : "report.empty")}</p>}
        {current && !current.content && <p className="blank">{t("report.erased")}</p>}
        {current?.content && <ReportBody caseId={report.case_id} content={current.content} template={template} language={current.language} mark={markOf(current)} check={report.check} />}
        {cosignatures
          .filter(({ number }) => number === current?.number)
          .map(({ person_id: id, person_name: name, at }) => (
            <p key={id} className="block">
              <StandingMark mark="signed">{t("report.cosigned", { name, at: dateTime(at) })}</StandingMark>
            </p>
          ))}
        <Critical caseId={report.case_id} mayWrite={mayWrite} />
      </div>
      {current && (
        <footer className="report-foot">
          <Prints caseId={report.case_id} version={current} />
          <span className="spring" />
          {may.cosign && (
            <Button needsServer onPress={() => { setOpen("cosign"); }}>
              {t("report.cosign.begin")}
            </Button>
          )}
          {may.amend && (
            <Button needsServer onPress={() => { setOpen("amend"); }}>
              {t("report.amend.begin")}
            </Button>
          )}
        </footer>
      )}
      <AmendDialog report={report} isOpen={open === "amend"} onClose={close} />
      <SignDialog report={report} isSecond isOpen={open === "cosign"} onClose={close} />
    </>
  );
}

export function ReportPane({ caseId, places }: { caseId: string; places: Places }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const person = useMe().data?.person_id;
  const { report, error, retry } = useReport(caseId);
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => { setLate(true); }, MESSAGE_DELAY_MS);
    return () => { clearTimeout(timer); };
  }, []);
  if (error !== null)
    return (
      <div className="blank" role="alert">
        <Icon name="lock" />
        <p>{problemText(error)}</p>
        <Button icon="retry" onPress={retry}>
          {t("action.retry")}
        </Button>
      </div>
    );
  if (!report || person === undefined)
    return (
      <div className="blank" role="status">
        {late && t("report.loading")}
      </div>
    );
  return (
    <PlacesContext value={places}>
      <section className="report" aria-label={t("report.title")}>
        <h2 className="visually-hidden">{t("report.title")}</h2>
        {report.may.edit ? <ReportEditor key={caseId} report={report} person={person} /> : <Reader report={report} person={person} />}
      </section>
    </PlacesContext>
  );
}
