/** All versions of a report, each as a print, and what changed between two. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { printReport, readDifference } from "../../api/reports";
import type { ReportLanguage, ReportShown, ReportVersion } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import { giveFile } from "../../ui/give_file";
import { inWords } from "./form";
import { StandingMark, VersionMark, markOf } from "./Standing";
import { runsOf, type Run } from "./versions";

export function Prints({ caseId, version }: { caseId: string; version: ReportVersion }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const printing = useMutation({
    mutationFn: (language: ReportLanguage) => printReport(caseId, version.number, language),
    onSuccess: ({ content, name }) => { giveFile(content, name); },
  });
  return (
    <span className="prints">
      {(["en", "zh"] as const).map((language) => (
        <Button key={language} look="quiet" icon="download" needsServer isPending={printing.isPending} onPress={() => { printing.mutate(language); }}>
          {t(`report.pdf.${language}`)}
        </Button>
      ))}
      {printing.error && (
        <span role="alert" className="wrong">
          {problemText(printing.error)}
        </span>
      )}
    </span>
  );
}

const MARKUP = { added: "ins", removed: "del", same: "span" } as const;

function Difference({ caseId, before, after }: { caseId: string; before: number; after: number }) {
  const { t, i18n } = useTranslation();
  const problemText = useProblemText();
  const { data, error } = useQuery({
    queryKey: ["report-difference", caseId, before, after],
    queryFn: ({ signal }) => readDifference(caseId, before, after, signal),
    gcTime: 60_000,
    retry: false,
  });
  if (error) return <p role="alert" className="wrong">{problemText(error)}</p>;
  if (!data) return null;
  const removed = data.figures_removed.length + data.photographs_removed.length;
  const added = data.figures_added.length + data.photographs_added.length;
  return (
    <div className="difference" aria-label={t("report.difference", { before, after })} role="group">
      {data.answers.length + data.sections.length + added + removed === 0 && <p className="second">{t("report.difference.none")}</p>}
      <dl className="answers">
        {data.answers.map(({ element, label, before: earlier, after: later }) => (
          <div key={element}>
            <dt>{inWords(label, i18n.language)}</dt>
            <dd>
              {earlier && <del>{inWords(earlier, i18n.language)}</del>} {later && <ins>{inWords(later, i18n.language)}</ins>}
            </dd>
          </div>
        ))}
      </dl>
      {data.sections.map(({ section, runs }) => (
        <section key={section}>
          <h4 className="label">{t(`report.section.${section}`)}</h4>
          <p className="report-text">
            {runs.map(({ kind, text }, index) => {
              const Element = MARKUP[kind];
              return <Element key={index}>{text}</Element>;
            })}
          </p>
        </section>
      ))}
      {removed > 0 && <p>{t("report.difference.figuresRemoved", { count: removed })}</p>}
      {added > 0 && <p>{t("report.difference.figuresAdded", { count: added })}</p>}
    </div>
  );
}

function RunLine({ caseId, run, isOpen, onOpen }: { caseId: string; run: Run; isOpen: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const { version, count, before } = run;
  const mark = markOf(version);
  return (
    <li className={`version ${mark}`}>
      <div className="version-line">
        <span className="figures">{version.number}</span>
        {mark === "signed" || mark === "void" ? <VersionMark version={version} /> : <StandingMark mark={mark} />}
        {mark !== "signed" && mark !== "void" && (
          <span className="second">
            {version.author_name} · <time dateTime={version.at}>{dateTime(version.at)}</time>
          </span>
        )}
        {count > 1 && <span className="second">{t("report.savedTimes", { count })}</span>}
      </div>
      {version.reason && <q>{version.reason}</q>}
      <div className="actions">
        {before !== null && (
          <Button look="quiet" onPress={onOpen}>
            {t(isOpen ? "report.difference.hide" : "report.difference.show", { before })}
          </Button>
        )}
        <Prints caseId={caseId} version={version} />
      </div>
      {isOpen && before !== null && <Difference caseId={caseId} before={before} after={version.number} />}
      <code className="second">{version.sha256}</code>
    </li>
  );
}

export function VersionsDialog({ report, isOpen, onClose }: { report: ReportShown; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<number | null>(null);
  return (
    <Dialog title={t("report.versions")} isOpen={isOpen} onClose={onClose}>
      <ol className="versions">
        {runsOf(report.versions).map((run) => (
          <RunLine
            key={run.version.number}
            caseId={report.case_id}
            run={run}
            isOpen={open === run.version.number}
            onOpen={() => { setOpen((before) => (before === run.version.number ? null : run.version.number)); }}
          />
        ))}
      </ol>
    </Dialog>
  );
}
