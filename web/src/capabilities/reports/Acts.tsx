/** What is done to a report as a whole, each a deliberate act with the whole text in view. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { caseWorkQuery } from "../../api/orders";
import { amendReport, cosignReport, reportQuery, signReport, withdrawAmendment } from "../../api/reports";
import type { ReportAmendment, ReportProblem, ReportShown } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, Select, TextField } from "../../ui/controls";
import { isUndone } from "../orders/kinds";
import { inWords } from "./form";
import { ReportBody } from "./ReportBody";
import { markOf, VersionMark } from "./Standing";
import { untaken } from "./statements";
import { lastSigned } from "./versions";

/** What of the app shows the status of a case, or its report. */
const TOUCHED = ["case", "cases", "case-queues", "case-events", "image-case"];

/** Does something to a report; whatever came of it, the report is then read anew. */
export function useAct<V>(caseId: string, act: (wanted: V) => Promise<unknown>, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: onDone,
    onSettled: () => Promise.all([client.invalidateQueries(reportQuery(caseId)), ...TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] }))]),
  });
}

export function Problems({ problems }: { problems: readonly ReportProblem[] }) {
  const { t, i18n } = useTranslation();
  if (problems.length === 0) return null;
  return (
    <div className="notice warn problems">
      <div>
        <p>{t("report.problems", { count: problems.length })}</p>
        <ul>
          {problems.map((problem, index) => (
            <li key={index}>{t(`report.problem.${problem.kind}`, { what: inWords(problem.text, i18n.language) })}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

interface SignDialogProps {
  /** As the server has it: what is shown here is what is signed. */
  report: ReportShown;
  /** A second signature under a signed version. */
  isSecond: boolean;
  isOpen: boolean;
  onClose: () => void;
}

/** Shows the whole text and asks who it is. Enter signs nothing: the button does. */
export function SignDialog({ report, isSecond, isOpen, onClose }: SignDialogProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [password, setPassword] = useState("");
  const { current, template, may } = report;
  const asksPassword = may.confirmation === "password";
  const close = () => {
    setPassword("");
    signing.reset();
    onClose();
  };
  const signing = useAct(
    report.case_id,
    () => (isSecond ? cosignReport : signReport)(report.case_id, { version: current?.number ?? 0, sha256: current?.sha256 ?? "" }, asksPassword ? password : null),
    close,
  );
  // What never belonged here needs not be complete to be withdrawn.
  const problems = isSecond || current?.amends === "entered_in_error" ? [] : (report.check?.problems ?? []);
  const { data: work } = useQuery({ ...caseWorkQuery(report.case_id), enabled: isOpen && !isSecond });
  const undone = work?.filter(({ state }) => isUndone(state)).length ?? 0;
  if (!current?.content) return null;
  // Nothing of a model's is signed that nobody took on.
  const left = isSecond ? 0 : untaken(current.content).length;
  const isImpossible = may.confirmation === "impossible";
  return (
    <Dialog title={t(isSecond ? "report.cosign" : "report.sign")} isOpen={isOpen} onClose={close}>
      <div className="form sign-report">
        <VersionMark version={current} />
        {/* A long text is read by scrolling, with keys too. */}
        <div className="sign-text" tabIndex={0} role="region" aria-label={t("report.whole")}>
          <ReportBody caseId={report.case_id} content={current.content} template={template} language={current.language} mark={markOf(current)} check={report.check} />
        </div>
        <Problems problems={problems} />
        {left > 0 && (
          <div className="notice warn">
            <p>{t("report.untaken", { count: left })}</p>
          </div>
        )}
        {undone > 0 && (
          <div className="notice warn">
            <p>{t("report.openWork", { count: undone })}</p>
          </div>
        )}
        {asksPassword && <TextField label={t("report.sign.password")} type="password" autoComplete="current-password" value={password} onChange={setPassword} />}
        {may.confirmation === "fresh_session" && <p className="hint">{t("report.sign.fresh")}</p>}
        {isImpossible && <p className="wrong">{t("report.sign.impossible")}</p>}
        {signing.error && (
          <p role="alert" className="wrong">
            {problemText(signing.error)}
          </p>
        )}
        <div className="actions">
          <Button onPress={close}>{t("action.cancel")}</Button>
          <Button
            look="primary"
            needsServer
            isPending={signing.isPending}
            isDisabled={problems.length + left > 0 || isImpossible || (asksPassword && password === "")}
            onPress={() => { signing.mutate(undefined); }}
          >
            {t(isSecond ? "report.cosign.do" : "report.sign.do", { number: current.number })}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const KINDS = ["addended", "amended", "corrected", "entered_in_error"] as const satisfies readonly ReportAmendment[];
const MOST_REASON = 500;

interface ExplainedProps {
  caseId: string;
  title: string;
  /** What the button says. */
  verb: string;
  /** Who reads the reason. */
  hint: string;
  /** What is asked, or told, besides the reason. */
  children: ReactNode;
  act: (reason: string) => Promise<unknown>;
  isOpen: boolean;
  onClose: () => void;
}

/** Something that is done to a report for a reason, which stays in its history. */
function ExplainedDialog({ caseId, title, verb, hint, children, act, isOpen, onClose }: ExplainedProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const id = useId();
  const [reason, setReason] = useState("");
  const close = () => {
    setReason("");
    acting.reset();
    onClose();
  };
  const acting = useAct(caseId, () => act(reason.trim()), close);
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) acting.mutate(undefined);
        }}
      >
        {children}
        <div className="text-field">
          <label htmlFor={id}>{t("cases.reason")}</label>
          <textarea id={id} className="input" rows={3} maxLength={MOST_REASON} value={reason} onChange={(event) => { setReason(event.target.value); }} />
          <p className="hint">{hint}</p>
        </div>
        {acting.error && (
          <p role="alert" className="wrong">
            {problemText(acting.error)}
          </p>
        )}
        <div className="actions">
          <Button onPress={close}>{t("action.cancel")}</Button>
          <Button type="submit" look="primary" isPending={acting.isPending} isDisabled={reason.trim() === ""}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Begins another version of a signed report. The signed one stands until that is signed, too. */
export function AmendDialog({ report, isOpen, onClose }: { report: ReportShown; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<ReportAmendment>("addended");
  return (
    <ExplainedDialog
      caseId={report.case_id}
      title={t("report.amend")}
      verb={t("report.amend.do")}
      hint={t("report.amend.reasonHint")}
      act={(reason) => amendReport(report.case_id, kind, reason)}
      isOpen={isOpen}
      onClose={onClose}
    >
      <Select<ReportAmendment> label={t("report.amend.kind")} value={kind} options={KINDS.map((value) => ({ value, text: t(`report.amend.${value}`) }))} onChange={setKind} />
      <p className="hint">{t(`report.amend.hint.${kind}`)}</p>
    </ExplainedDialog>
  );
}

/** Gives up an amendment that is not signed. What was written stays among the versions. */
export function WithdrawDialog({ report, isOpen, onClose }: { report: ReportShown; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { current, versions } = report;
  return (
    <ExplainedDialog
      caseId={report.case_id}
      title={t("report.withdraw")}
      verb={t("report.withdraw.do")}
      hint={t("report.amend.reasonHint")}
      act={(reason) => withdrawAmendment(report.case_id, { version: current?.number ?? 0, sha256: current?.sha256 ?? "" }, reason)}
      isOpen={isOpen}
      onClose={onClose}
    >
      <p>{t("report.withdraw.meaning", { number: lastSigned(versions)?.number ?? 0 })}</p>
    </ExplainedDialog>
  );
}
