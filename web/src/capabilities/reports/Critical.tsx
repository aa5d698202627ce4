/** What somebody has to hear before any report: said, called through, and read back. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { acknowledgeCritical, callCritical, criticalQuery, flagCritical } from "../../api/reports";
import type { CriticalShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Check, Dialog, TextField } from "../../ui/controls";
import { Icon } from "../../ui/icons";

const MOST = 2000;

function useTold<V>(caseId: string, tell: (wanted: V) => Promise<unknown>, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: tell,
    onSuccess: onDone,
    onSettled: () => Promise.all([client.invalidateQueries(criticalQuery(caseId)), client.invalidateQueries({ queryKey: ["case-events"] })]),
  });
}

interface AskProps {
  title: string;
  submit: string;
  isReady: boolean;
  telling: { mutate: (wanted: undefined) => void; isPending: boolean; error: unknown };
  onClose: () => void;
  children: ReactNode;
}

function Ask({ title, submit, isReady, telling, onClose, children }: AskProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <form
        className="form critical-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) telling.mutate(undefined);
        }}
      >
        {children}
        {telling.error !== null && (
          <p role="alert" className="wrong">
            {problemText(telling.error)}
          </p>
        )}
        <div className="actions">
          <Button onPress={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" look="primary" isPending={telling.isPending} isDisabled={!isReady}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Flagging({ caseId, onClose }: { caseId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [statement, setStatement] = useState("");
  const telling = useTold(caseId, () => flagCritical(caseId, statement), onClose);
  return (
    <Ask title={t("critical.flag")} submit={t("critical.flag.do")} isReady={statement.trim() !== ""} telling={telling} onClose={onClose}>
      <div className="text-field">
        <label htmlFor={id}>{t("critical.statement")}</label>
        <textarea id={id} className="input" rows={3} maxLength={MOST} autoFocus value={statement} onChange={(event) => { setStatement(event.target.value); }} />
      </div>
    </Ask>
  );
}

function Calling({ result, onClose }: { result: CriticalShown; onClose: () => void }) {
  const { t } = useTranslation();
  const [to, setTo] = useState("");
  const [reached, setReached] = useState(false);
  const [readBack, setReadBack] = useState("");
  /** The call that the server has: where what was read back was refused, trying again writes no second one. */
  const written = useRef("");
  const telling = useTold(
    result.case_id,
    async () => {
      const call = JSON.stringify([to, reached]);
      if (written.current !== call) await callCritical(result.id, to, reached);
      written.current = call;
      if (reached && readBack.trim()) await acknowledgeCritical(result.id, to, readBack);
    },
    onClose,
  );
  return (
    <Ask title={t("critical.call")} submit={t("action.save")} isReady={to.trim() !== ""} telling={telling} onClose={onClose}>
      <p className="report-text">{result.statement}</p>
      <TextField label={t("critical.to")} hint={t("critical.toHint")} maxLength={200} autoFocus value={to} onChange={setTo} />
      <Check label={t("critical.reached")} checked={reached} onChange={setReached} />
      {reached && <TextField label={t("critical.readBack")} hint={t("critical.readBackHint")} maxLength={MOST} value={readBack} onChange={setReadBack} />}
    </Ask>
  );
}

function Acknowledging({ result, onClose }: { result: CriticalShown; onClose: () => void }) {
  const { t } = useTranslation();
  const [by, setBy] = useState(result.calls.findLast((call) => call.was_reached)?.to ?? "");
  const [readBack, setReadBack] = useState("");
  const telling = useTold(result.case_id, () => acknowledgeCritical(result.id, by, readBack), onClose);
  return (
    <Ask title={t("critical.acknowledge")} submit={t("action.save")} isReady={by.trim() !== "" && readBack.trim() !== ""} telling={telling} onClose={onClose}>
      <p className="report-text">{result.statement}</p>
      <TextField label={t("critical.by")} maxLength={200} value={by} onChange={setBy} />
      <TextField label={t("critical.readBack")} hint={t("critical.readBackHint")} maxLength={MOST} autoFocus value={readBack} onChange={setReadBack} />
    </Ask>
  );
}

type Open = { act: "flag" } | { act: "call" | "acknowledge"; result: CriticalShown } | null;

/** The critical results of a case, those that nobody read back yet as a warning. */
export function Critical({ caseId, mayWrite }: { caseId: string; mayWrite: boolean }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const problemText = useProblemText();
  const [open, setOpen] = useState<Open>(null);
  const { data, error } = useQuery(criticalQuery(caseId));
  const close = () => { setOpen(null); };
  if (!mayWrite && !data?.length && !error) return null;
  return (
    <section className="block critical" aria-label={t("critical.title")}>
      <h3>{t("critical.title")}</h3>
      {error && <p role="alert" className="wrong">{problemText(error)}</p>}
      <ul>
        {data?.map((result) => (
          <li key={result.id} className={result.acknowledgement ? "critical-result" : "critical-result open"}>
            <p className="critical-state">
              <Icon name={result.acknowledgement ? "check" : "warning"} />
              <strong>{t(result.acknowledgement ? "critical.closed" : "critical.open")}</strong>
              <span className="second">{`${result.flagged_by} · ${dateTime(result.flagged_at)}`}</span>
            </p>
            <p className="report-text">{result.statement ?? t("report.erased")}</p>
            {result.calls.map((call, index) => (
              <p key={index} className="second">
                {t(call.was_reached ? "critical.called" : "critical.notReached", { to: call.to, by: call.by_name, at: dateTime(call.at) })}
              </p>
            ))}
            {result.acknowledgement && (
              <p>
                {t("critical.acknowledged", { by: result.acknowledgement.by, at: dateTime(result.acknowledgement.at) })} <q>{result.acknowledgement.read_back}</q>
              </p>
            )}
            {mayWrite && !result.acknowledgement && result.statement !== null && (
              <div className="actions">
                <Button needsServer onPress={() => { setOpen({ act: "call", result }); }}>
                  {t("critical.call.begin")}
                </Button>
                {result.calls.some((call) => call.was_reached) && (
                  <Button needsServer onPress={() => { setOpen({ act: "acknowledge", result }); }}>
                    {t("critical.acknowledge.begin")}
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ul>
      {mayWrite && (
        <Button look="quiet" icon="warning" needsServer onPress={() => { setOpen({ act: "flag" }); }}>
          {t("critical.flag.begin")}
        </Button>
      )}
      {open?.act === "flag" && <Flagging caseId={caseId} onClose={close} />}
      {open?.act === "call" && <Calling result={open.result} onClose={close} />}
      {open?.act === "acknowledge" && <Acknowledging result={open.result} onClose={close} />}
    </section>
  );
}
