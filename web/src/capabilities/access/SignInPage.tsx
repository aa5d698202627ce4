import "./access.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { listInstitutions, signInByCode, signInByPassword, startAt } from "../../api/access";
import { Problem } from "../../api/client";
import type { SignInAnswer } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { hasPasskeys, isDeclined, signInWithPasskey } from "./passkey";

const COMMAND = "hemalum link --data DIR";

/** The first page for whoever is not signed in; the address stays, so that they come out where they wanted to go. */
export function SignInPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <div className="door">
      <title>{`${t("signIn.title")} · ${t("app.name")}`}</title>
      <section className="door-card">
        <h1>{t("signIn.title")}</h1>
        <Refused />
        <SignInForm
          onDone={() => {
            void client.resetQueries();
          }}
        />
        <details>
          <summary>{t("signIn.cannot")}</summary>
          <p>{t("signIn.how")}</p>
          <p>{t("signIn.operator")}</p>
          <code>{COMMAND}</code>
        </details>
      </section>
    </div>
  );
}

const REFUSALS = ["institution-refused", "suspended", "no-role"] as const;

/** Why a sign-in by an institution came to nothing. */
function Refused() {
  const { t } = useTranslation();
  const { refused } = useSearch({ strict: false });
  if (refused === undefined) return null;
  const known = REFUSALS.find((each) => each === refused);
  return (
    <p role="alert" className="wrong">
      {t(known ? `signIn.refused.${known}` : "signIn.refused.other")}
    </p>
  );
}

function SignInForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [ticket, setTicket] = useState<string | null>(null);
  const institutions = useQuery({ queryKey: ["institutions"], queryFn: ({ signal }) => listInstitutions(signal), staleTime: 60_000 }).data ?? [];
  const way = useWay((answer) => {
    if (answer.ticket) setTicket(answer.ticket);
    else onDone();
  });
  if (ticket !== null) {
    return (
      <SecondFactor
        ticket={ticket}
        onDone={onDone}
        onBack={() => {
          setTicket(null);
          setPassword("");
        }}
      />
    );
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    way.take(() => signInByPassword(name, password));
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField label={t("signIn.name")} value={name} onChange={setName} autoComplete="username webauthn" autoCapitalize="none" spellCheck={false} required autoFocus />
      <TextField label={t("signIn.password")} type="password" value={password} onChange={setPassword} autoComplete="current-password" required />
      <Trouble way={way} />
      <Button look="primary" type="submit" isPending={way.isBusy} isDisabled={way.waitS > 0}>
        {t("signIn.submit")}
      </Button>
      {(hasPasskeys() || institutions.length > 0) && <div className="or">{t("signIn.or")}</div>}
      {hasPasskeys() && (
          <Button
            icon="key"
            isPending={way.isBusy}
            onPress={() => {
              way.take(signInWithPasskey);
            }}
          >
            {t("signIn.passkey")}
          </Button>
      )}
      {institutions.map(({ id, name: institution }) => (
        <a key={id} className="button" href={startAt(id, window.location.pathname === "/sign-in" ? "/" : window.location.pathname + window.location.search)}>
          {t("signIn.institution", { name: institution })}
        </a>
      ))}
    </form>
  );
}

interface SecondFactorProps {
  ticket: string;
  onDone: () => void;
  onBack: () => void;
}

/** The second half of a sign-in: the code of an authenticator app, or a recovery code. */
export function SecondFactor({ ticket, onDone, onBack }: SecondFactorProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const way = useWay(onDone);
  const isOver = way.error instanceof Problem && way.error.code === "step-expired";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    way.take(() => signInByCode(ticket, code));
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={t("signIn.code")}
        hint={t("signIn.codeHint")}
        value={code}
        onChange={setCode}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
      />
      <Trouble way={way} />
      {!isOver && (
        <Button look="primary" type="submit" isPending={way.isBusy} isDisabled={way.waitS > 0}>
          {t("signIn.continue")}
        </Button>
      )}
      <Button look={isOver ? "primary" : "quiet"} onPress={onBack}>
        {t("signIn.again")}
      </Button>
    </form>
  );
}

interface WayIn {
  isBusy: boolean;
  error: unknown;
  /** Seconds until anything more is tried. */
  waitS: number;
  take: (attempt: () => Promise<SignInAnswer>) => void;
}

/** One attempt at a time to come in, and what became of the last one. */
export function useWay(onAnswer: (answer: SignInAnswer) => void): WayIn {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [waitS, setWaitS] = useState(0);
  useEffect(() => {
    if (waitS <= 0) return;
    const timer = setTimeout(() => {
      setWaitS(waitS - 1);
      if (waitS === 1) setError(null);
    }, 1000);
    return () => {
      clearTimeout(timer);
    };
  }, [waitS]);
  const take = (attempt: () => Promise<SignInAnswer>) => {
    setBusy(true);
    setError(null);
    attempt()
      .then(onAnswer, (failed: unknown) => {
        if (isDeclined(failed)) return;
        setError(failed);
        setWaitS(secondsToWait(failed));
      })
      .finally(() => {
        setBusy(false);
      });
  };
  return { isBusy, error, waitS, take };
}

function secondsToWait(error: unknown): number {
  const wait = error instanceof Problem && error.status === 429 ? error.said?.values?.["wait_s"] : undefined;
  return typeof wait === "number" ? wait : 0;
}

export function Trouble({ way }: { way: WayIn }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  if (way.error === null) return null;
  return (
    <p role="alert" className="wrong">
      {way.waitS > 0 ? t("signIn.wait", { time: clock(way.waitS) }) : problemText(way.error)}
    </p>
  );
}

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
