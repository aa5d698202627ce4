/** Loans and discards: what others have and until when, what two people agree to discard. */
import "./custody.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { confirmDiscard, CUSTODY, discardsQuery, lend, loansQuery, proposeDiscard, takeBack, withdrawDiscard } from "../../api/custody";
import type { DiscardShown, LoanShown } from "../../api/types";
import { dayOf, endOfDay, midnightOf } from "../../i18n/days";
import { useFormats } from "../../i18n/format";
import { Wrong } from "../../shell/Wrong";
import { Button, Check, TextField } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { usePermission } from "../access/me";
import { CustodyNav } from "./CustodyNav";

const LENT_FOR_DAYS = 30;

function useRefresh() {
  const client = useQueryClient();
  return () => Promise.all([[CUSTODY], ["case"], ["case-events"]].map((queryKey) => client.invalidateQueries({ queryKey })));
}

function Lend() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [code, setCode] = useState("");
  const [to, setTo] = useState("");
  const [purpose, setPurpose] = useState("");
  const [due, setDue] = useState(() => dayOf(midnightOf(dayOf(new Date()), LENT_FOR_DAYS)));
  const lending = useMutation({
    // To the end of that day, where the desk is.
    mutationFn: () => lend(code, to, purpose, endOfDay(due).toISOString()),
    onSuccess: () => { setCode(""); },
    onSettled: refresh,
  });
  return (
    <form
      className="custody-form in-line"
      onSubmit={(event) => {
        event.preventDefault();
        lending.mutate();
      }}
    >
      <TextField label={t("custody.loan.code")} value={code} onChange={setCode} maxLength={200} required autoComplete="off" spellCheck={false} />
      <TextField label={t("custody.loan.to")} hint={t("custody.noPatient")} value={to} onChange={setTo} maxLength={200} required />
      <TextField label={t("custody.loan.purpose")} value={purpose} onChange={setPurpose} maxLength={200} required />
      <TextField label={t("custody.loan.due")} value={due} onChange={setDue} type="date" required />
      <Button type="submit" look="primary" isPending={lending.isPending}>
        {t("custody.loan.lend")}
      </Button>
      <Wrong error={lending.error} />
    </form>
  );
}

function LoanRow({ loan, mayReturn }: { loan: LoanShown; mayReturn: boolean }) {
  const { t } = useTranslation();
  const { date } = useFormats();
  const refresh = useRefresh();
  const returning = useMutation({ mutationFn: () => takeBack(loan.code), onSettled: refresh });
  return (
    <li className={loan.returned_at === null ? "" : "over"}>
      <span className="figures">{loan.code}</span>
      <span>{loan.to}</span>
      <span className="second">{loan.purpose}</span>
      {loan.returned_at === null ? (
        <span className={loan.is_overdue ? "late" : "second"}>
          {loan.is_overdue && <Icon name="warning" />} {t(loan.is_overdue ? "custody.loan.late" : "custody.loan.until", { at: date(loan.due_at) })}
        </span>
      ) : (
        <span className="second">{t("custody.loan.back", { at: date(loan.returned_at), person: loan.returned_by ?? "" })}</span>
      )}
      {mayReturn && loan.returned_at === null && (
        <Button look="quiet" needsServer isPending={returning.isPending} onPress={() => { returning.mutate(); }}>
          {t("custody.loan.return")}
        </Button>
      )}
      <Wrong error={returning.error} />
    </li>
  );
}

function Propose() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [codes, setCodes] = useState("");
  const [reason, setReason] = useState("");
  const [isDespite, setDespite] = useState(false);
  const proposing = useMutation({
    mutationFn: () => proposeDiscard(codes.split(/\s+/).filter(Boolean), reason, isDespite),
    onSuccess: () => {
      setCodes("");
      setReason("");
      setDespite(false);
    },
    onSettled: refresh,
  });
  return (
    <form
      className="custody-form"
      onSubmit={(event) => {
        event.preventDefault();
        proposing.mutate();
      }}
    >
      <div className="text-field">
        <label htmlFor="discard-codes">{t("custody.discard.codes")}</label>
        <textarea id="discard-codes" className="input" rows={4} value={codes} spellCheck={false} required onChange={(event) => { setCodes(event.target.value); }} />
      </div>
      <TextField label={t("custody.discard.reason")} hint={t("custody.noPatient")} value={reason} onChange={setReason} maxLength={500} required />
      <p className="second">{t("custody.discard.retention")}</p>
      <Check label={t("custody.discard.despite")} checked={isDespite} onChange={setDespite} />
      <Button type="submit" look="primary" isPending={proposing.isPending}>
        {t("custody.discard.propose")}
      </Button>
      <Wrong error={proposing.error} />
    </form>
  );
}

function DiscardCard({ discard, mayDecide }: { discard: DiscardShown; mayDecide: boolean }) {
  const { t } = useTranslation();
  const { date, dateTime } = useFormats();
  const refresh = useRefresh();
  const confirming = useMutation({ mutationFn: () => confirmDiscard(discard.id), onSettled: refresh });
  const withdrawing = useMutation({ mutationFn: () => withdrawDiscard(discard.id), onSettled: refresh });
  const isOpen = discard.state === "proposed";
  return (
    <li className={isOpen ? "discard-card" : "discard-card over"}>
      <p>
        <strong>{t(`custody.discard.state.${discard.state}`)}</strong> · {t("custody.discard.by", { person: discard.proposed_by, at: dateTime(discard.proposed_at) })}
        {discard.decided_at !== null && ` · ${t("custody.discard.decided", { person: discard.decided_by ?? "", at: dateTime(discard.decided_at) })}`}
      </p>
      <q>{discard.reason}</q>
      {discard.is_early && (
        <p className="late">
          <Icon name="warning" /> {t("custody.discard.early")}
        </p>
      )}
      <ul>
        {discard.pieces.map((piece) => (
          <li key={piece.code}>
            <span className="figures">{piece.code}</span> <span className="second">{piece.keep_until === null ? t("custody.discard.unsigned") : t("custody.discard.keep", { at: date(piece.keep_until) })}</span>
          </li>
        ))}
      </ul>
      {isOpen && mayDecide && (
        <div className="acts">
          {discard.is_mine ? (
            <span className="second">{t("custody.discard.mine")}</span>
          ) : (
            <Button look="primary" icon="bin" needsServer isPending={confirming.isPending} onPress={() => { confirming.mutate(); }}>
              {t("custody.discard.confirm", { count: discard.pieces.length })}
            </Button>
          )}
          <Button look="quiet" needsServer isPending={withdrawing.isPending} onPress={() => { withdrawing.mutate(); }}>
            {t("custody.discard.withdraw")}
          </Button>
        </div>
      )}
      <Wrong error={confirming.error ?? withdrawing.error} />
    </li>
  );
}

export function KeepingPage() {
  const { t } = useTranslation();
  const mayScan = usePermission("custody.scan");
  const mayDiscard = usePermission("custody.discard");
  const loans = useQuery(loansQuery);
  const discards = useQuery(discardsQuery);
  return (
    <div className="custody-page">
      <title>{`${t("custody.keeping")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("custody.keeping")}</h1>
      <div className="toolbar">
        <CustodyNav />
      </div>
      <div className="custody-columns">
        <section className="custody-section">
          <h2>{t("custody.loans")}</h2>
          {mayScan && <Lend />}
          <Wrong error={loans.error} />
          {loans.data?.length === 0 && <p className="second">{t("custody.loans.none")}</p>}
          <ul className="loans" aria-label={t("custody.loans")}>
            {loans.data?.map((loan) => <LoanRow key={loan.id} loan={loan} mayReturn={mayScan} />)}
          </ul>
        </section>
        <section className="custody-section">
          <h2>{t("custody.discards")}</h2>
          {mayDiscard && <Propose />}
          <Wrong error={discards.error} />
          {discards.data?.length === 0 && <p className="second">{t("custody.discards.none")}</p>}
          <ul className="discards" aria-label={t("custody.discards")}>
            {discards.data?.map((discard) => <DiscardCard key={discard.id} discard={discard} mayDecide={mayDiscard} />)}
          </ul>
        </section>
      </div>
    </div>
  );
}
