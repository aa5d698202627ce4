import "./access.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import {
  beginTotp,
  confirmTotp,
  endOtherSessions,
  endSession,
  listSessions,
  newRecoveryCodes,
  readAccount,
  removePasskey,
  removeTotp,
} from "../../api/access";
import type { Account, Session } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { Authorisations } from "../apps/Authorisations";
import { NewPasskey, NewPassword } from "./Credential";
import { deviceOf } from "./device";
import { useMe } from "./me";
import { Tokens } from "./Tokens";

/** What I sign in with, where I am signed in, and programs that act for me. */
export function AccountPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const me = useMe().data;
  const account = useQuery({ queryKey: ["account"], queryFn: ({ signal }) => readAccount(signal) });
  const reload = () => Promise.all(["account", "me", "sessions"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  return (
    <div className="page">
      <title>{`${t("user.account")} · ${t("app.name")}`}</title>
      <div className="page-column">
        <h1>{t("user.account")}</h1>
        {me?.needs_second_factor && <p className="notice warn">{t("account.needsFactor", { name: me.organisation_name })}</p>}
        {account.error && <p role="alert" className="wrong">{problemText(account.error)}</p>}
        {account.data && (
          <>
            <p className="second">{`${account.data.display_name} · ${account.data.name}`}</p>
            <Passkeys account={account.data} onChanged={reload} />
            <AuthenticatorApp account={account.data} onChanged={reload} />
            <Password account={account.data} onChanged={reload} />
            <Sessions />
            <Section title={t("token.title")} text={t("token.how")}>
              <Tokens />
            </Section>
            <Section title={t("apps.let")} text={t("apps.letHow")}>
              <Authorisations />
            </Section>
          </>
        )}
      </div>
    </div>
  );
}

function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className="card-section">
      <h2>{title}</h2>
      {text && <p className="second">{text}</p>}
      {children}
    </section>
  );
}

interface PartProps {
  account: Account;
  onChanged: () => Promise<unknown>;
}

function Password({ account, onChanged }: PartProps) {
  const { t } = useTranslation();
  const { date } = useFormats();
  const [isEdited, setEdited] = useState(false);
  return (
    <Section
      title={t("password.title")}
      text={account.password_changed_at === null ? t("password.none") : t("password.since", { date: date(account.password_changed_at) })}
    >
      {isEdited ? (
        <NewPassword
          needsCurrent={account.asks_current_password}
          name={account.name}
          onDone={() => {
            setEdited(false);
            void onChanged();
          }}
        />
      ) : (
        <div className="actions">
          <Button onPress={() => { setEdited(true); }}>{t(account.has_password ? "password.change" : "password.set")}</Button>
        </div>
      )}
    </Section>
  );
}

function Passkeys({ account, onChanged }: PartProps) {
  const { t } = useTranslation();
  const { date } = useFormats();
  const problemText = useProblemText();
  const remove = useMutation({ mutationFn: removePasskey, onSuccess: onChanged });
  return (
    <Section title={t("passkey.title")} text={t("passkey.how")}>
      {account.passkeys.length > 0 && (
        <ul className="lines">
          {account.passkeys.map((passkey) => (
            <li key={passkey.id}>
              <div>
                <strong>{t("passkey.since", { date: date(passkey.created_at) })}</strong>
                <p className="second">{passkey.used_at === null ? t("token.unused") : t("token.used", { time: date(passkey.used_at) })}</p>
              </div>
              <Button needsServer onPress={() => { remove.mutate(passkey.id); }}>{t("action.remove")}</Button>
            </li>
          ))}
        </ul>
      )}
      {remove.error && <p role="alert" className="wrong">{problemText(remove.error)}</p>}
      <NewPasskey onDone={() => void onChanged()} />
    </Section>
  );
}

function AuthenticatorApp({ account, onChanged }: PartProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [codes, setCodes] = useState<string[] | null>(null);
  const begin = useMutation({ mutationFn: beginTotp });
  const remove = useMutation({ mutationFn: removeTotp, onSuccess: onChanged });
  const renew = useMutation({
    mutationFn: newRecoveryCodes,
    onSuccess: ({ recovery_codes }) => {
      setCodes(recovery_codes);
      return onChanged();
    },
  });
  const error = begin.error ?? remove.error ?? renew.error;
  return (
    <Section title={t("totp.title")} text={t(account.has_totp ? "totp.on" : "totp.how")}>
      {codes && (
        <div className="form">
          <p>{t("totp.codes")}</p>
          <ul className="codes">
            {codes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ul>
        </div>
      )}
      {error && <p role="alert" className="wrong">{problemText(error)}</p>}
      {account.has_totp ? (
        <div className="actions">
          <Button needsServer isPending={renew.isPending} onPress={() => { renew.mutate(); }}>
            {t("totp.newCodes", { count: account.recovery_codes_left })}
          </Button>
          <Button needsServer isPending={remove.isPending} onPress={() => { remove.mutate(); }}>
            {t("totp.remove")}
          </Button>
        </div>
      ) : begin.data ? (
        <FirstCode
          secret={begin.data.secret}
          qrCode={begin.data.qr_code}
          onDone={(made) => {
            begin.reset();
            setCodes(made);
            void onChanged();
          }}
        />
      ) : (
        <div className="actions">
          <Button needsServer isPending={begin.isPending} onPress={() => { begin.mutate(); }}>
            {t("totp.begin")}
          </Button>
        </div>
      )}
    </Section>
  );
}

function FirstCode({ secret, qrCode, onDone }: { secret: string; qrCode: string; onDone: (codes: string[]) => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => confirmTotp(code),
    onSuccess: ({ recovery_codes }) => {
      onDone(recovery_codes);
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form className="form totp" onSubmit={submit}>
      <img src={qrCode} alt={t("totp.qr")} width="180" height="180" />
      <div className="form">
        <p>{t("totp.scan")}</p>
        <p className="mono secret">{secret.replace(/(.{4})(?=.)/g, "$1 ")}</p>
        <TextField label={t("totp.code")} value={code} onChange={setCode} inputMode="numeric" autoComplete="one-time-code" maxLength={7} required autoFocus />
        {confirm.error && <p role="alert" className="wrong">{problemText(confirm.error)}</p>}
        <div className="actions">
          <Button look="primary" type="submit" isPending={confirm.isPending}>
            {t("totp.confirm")}
          </Button>
        </div>
      </div>
    </form>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: ({ signal }) => listSessions(signal) });
  const onSuccess = () => client.invalidateQueries({ queryKey: ["sessions"] });
  const end = useMutation({ mutationFn: endSession, onSuccess });
  const endAll = useMutation({ mutationFn: endOtherSessions, onSuccess });
  const error = sessions.error ?? end.error ?? endAll.error;
  return (
    <Section title={t("session.title")} text={t("session.how")}>
      {error && <p role="alert" className="wrong">{problemText(error)}</p>}
      <ul className="lines">
        {sessions.data?.map((session) => (
          <li key={session.id}>
            <SessionText session={session} />
            {session.is_this ? <span className="second">{t("session.this")}</span> : <Button needsServer onPress={() => { end.mutate(session.id); }}>{t("session.end")}</Button>}
          </li>
        ))}
      </ul>
      {(sessions.data?.length ?? 0) > 1 && (
        <div className="actions">
          <Button needsServer isPending={endAll.isPending} onPress={() => { endAll.mutate(); }}>
            {t("session.endOthers")}
          </Button>
        </div>
      )}
    </Section>
  );
}

function SessionText({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  return (
    <div>
      <strong>{session.device ? deviceOf(session.device) : t("session.unknown")}</strong>
      <p className="second">
        {[session.address, t("session.since", { time: dateTime(session.created_at) }), ...(session.way ? [t(`session.way.${session.way}`)] : [])]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </div>
  );
}
