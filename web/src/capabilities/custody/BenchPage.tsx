/** A station of the bench: codes come in by a hand scanner, each with its result; what waits here stands beside. */
import "./custody.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { correctScan, pointsQuery, scanCode, scansQuery, waitingQuery } from "../../api/custody";
import type { CustodyEvent, CustodyPoint, ScanAnswer, WaitingPiece } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Wrong } from "../../shell/Wrong";
import { Button, Check, Select } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { usePermission } from "../access/me";
import { PriorityMark } from "../cases/CaseRows";
import { GrossedHere } from "../grossing/GrossedHere";
import { beep } from "./beep";
import { Children } from "./Children";
import { CustodyNav } from "./CustodyNav";
import { useCustodyRefresh } from "./refresh";
import { shortCode, useCustodyWords } from "./words";

const STATION = "hemalum.bench-station";
const SOUND = "hemalum.bench-sound";
const LOOKED_EVERY_MS = 15_000;

type Outcome = { answer: ScanAnswer } | { error: unknown; code: string };

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** What is typed anywhere on the page goes into the field of the scanner. */
function useScannerFocus(input: React.RefObject<HTMLInputElement | null>) {
  useEffect(() => {
    input.current?.focus();
    const onKey = (event: KeyboardEvent) => {
      const isLetter = event.key.length === 1 && event.key !== " ";
      if (!isLetter || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector(".veil, .popover")) return;
      input.current?.focus();
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => { window.removeEventListener("keydown", onKey, { capture: true }); };
  }, [input]);
}

function Result({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const words = useCustodyWords();
  const problemText = useProblemText();
  if ("error" in outcome)
    return (
      <p className="scan-result refused">
        <Icon name="close" />
        <strong>{t("custody.result.refused")}</strong>
        <span className="figures">{outcome.code}</span>
        <span>{problemText(outcome.error)}</span>
      </p>
    );
  const { event, is_repeated: isRepeated, description, case_id: caseId } = outcome.answer;
  return (
    <p className={`scan-result ${isRepeated ? "repeated" : "taken"}`}>
      <Icon name="check" />
      <strong>{t(isRepeated ? "custody.result.repeated" : "custody.result.taken")}</strong>
      <span className="figures">{event.subject}</span>
      <span>{[words.kind(event.kind), description, event.after && words.stage(event.after)].filter(Boolean).join(" · ")}</span>
      {caseId !== null && (
        <Link to="/cases/$id" params={{ id: caseId }} search={{ queue: "open" }}>
          {t("cases.openCase")}
        </Link>
      )}
    </p>
  );
}

/** What is made, described and photographed of the piece that was scanned. */
function MadeHere({ answer, step, onDone }: { answer: ScanAnswer; step: CustodyPoint["step"]; onDone: () => void }) {
  const { event, case_id: caseId, material_id: id, kind, children, makes } = answer;
  if (caseId === null || id === null || kind === null) return null;
  return (
    <>
      {makes.length > 0 && <Children caseId={caseId} parent={{ id, kind }} label={shortCode(event.subject)} planned={children} onDone={onDone} />}
      {step === "gross" && kind !== "slide" && <GrossedHere caseId={caseId} piece={id} onDone={onDone} />}
    </>
  );
}

function LastScans({ events, onUndo }: { events: CustodyEvent[]; onUndo: ((event: CustodyEvent) => void) | null }) {
  const { t } = useTranslation();
  const { time } = useFormats();
  const say = useSay();
  const words = useCustodyWords();
  const last = events.find((event) => !event.refused && event.action === "scan");
  return (
    <ol className="last-scans" aria-label={t("custody.scans")}>
      {events.map((event) => (
        <li key={event.number} className={event.refused ? "refused" : event.is_corrected ? "corrected" : "taken"}>
          <Icon name={event.refused ? "close" : event.action === "correct" ? "undo" : "check"} />
          <time dateTime={event.occurred_at}>{time(event.occurred_at)}</time>
          <span className="figures">{event.subject || t("custody.notOurs")}</span>
          <span>
            {event.refused ? `${t("custody.result.refused")}: ${say(event.refused)}` : event.is_corrected ? t("custody.corrected", { what: words.deed(event) }) : words.deed(event)}
          </span>
          <span className="second">{event.actor_name}</span>
          {onUndo && event === last && !event.is_corrected && (
            <Button look="quiet" icon="undo" needsServer onPress={() => { onUndo(event); }}>
              {t("custody.undo")}
            </Button>
          )}
        </li>
      ))}
    </ol>
  );
}

function WaitingHere({ point, expected, onExpect }: { point: CustodyPoint; expected: string; onExpect: (code: string) => void }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const words = useCustodyWords();
  const { data, error } = useQuery({ ...waitingQuery(point.id), refetchInterval: LOOKED_EVERY_MS });
  const late = ({ due_at: due }: WaitingPiece) => Date.parse(due) < Date.now();
  return (
    <section className="waiting-here" aria-label={t("custody.waiting")}>
      <h2>{data ? t("custody.waiting.count", { count: data.length }) : t("custody.waiting")}</h2>
      <Wrong error={data ? null : error} />
      {data?.length === 0 && <p className="second">{t("custody.waiting.none")}</p>}
      <ul>
        {data?.map((row) => (
          <li key={row.code}>
            <button type="button" className="waiting-row" aria-pressed={expected === row.code} onClick={() => { onExpect(expected === row.code ? "" : row.code); }}>
              <span className="figures">{row.code}</span>
              <PriorityMark row={row} />
              <span className="second">{[row.description, words.stage(row.stage)].filter(Boolean).join(" · ")}</span>
              <span className={late(row) ? "late" : "second"}>
                {late(row) && <Icon name="warning" />} {t("cases.due", { time: dateTime(row.due_at) })}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const isContainerCode = (code: string) => /^RK-/i.test(code);

function Station({ point, withSound }: { point: CustodyPoint; withSound: boolean }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [failed, setFailed] = useState("");
  const [expected, setExpected] = useState("");
  const [into, setInto] = useState("");
  /** What the last answer left: a scan is read before the one ahead of it is answered, and asked only after. */
  const now = useRef({ expected, into });
  now.current = { expected, into };
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const mayScan = usePermission("custody.scan");
  const scans = useQuery({ ...scansQuery(point.id), refetchInterval: LOOKED_EVERY_MS });
  useScannerFocus(input);
  const refresh = useCustodyRefresh();
  // One after the other, in the order they were read: a scanner does not wait for an answer.
  const scanning = useMutation({
    scope: { id: `bench ${point.id}` },
    mutationFn: ({ code, failed: why }: { code: string; failed: string }) => {
      const asked = isContainerCode(code) ? { container: "", expected: "", failed: "" } : { container: now.current.into, expected: now.current.expected, failed: why };
      return scanCode({ point: point.id, code, ...asked });
    },
    onSuccess: (answer) => {
      setOutcome({ answer });
      if (withSound) beep("taken");
      setExpected("");
      // A container that is scanned twice is opened for what follows, and closed by the third time.
      if (answer.case_id === null && answer.is_repeated) setInto((open) => (open === answer.event.subject ? "" : answer.event.subject));
    },
    onError: (error, { code }) => {
      setOutcome({ error, code });
      if (withSound) beep("refused");
    },
    onSettled: refresh,
  });
  const undoing = useMutation({
    mutationFn: (event: CustodyEvent) => correctScan(event.number),
    onSuccess: () => { setOutcome(null); },
    onError: (error, event) => { setOutcome({ error, code: event.subject }); },
    onSettled: () => {
      input.current?.focus();
      return refresh();
    },
  });
  return (
    <div className="station">
      <div className="station-main">
        {mayScan && (
          <form
            className="scan-form"
            onSubmit={(event) => {
              event.preventDefault();
              const code = typed.trim();
              if (code === "") return;
              setTyped("");
              setFailed("");
              scanning.mutate({ code, failed: failed.trim() });
            }}
          >
            <label htmlFor="scan-code">{t("custody.scan.label")}</label>
            <input
              ref={input}
              id="scan-code"
              className="input scan-code"
              value={typed}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={200}
              placeholder={t("custody.scan.hint")}
              onChange={(event) => { setTyped(event.target.value); }}
            />
            {point.step === "check" && (
              <input className="input" aria-label={t("custody.scan.failed")} placeholder={t("custody.scan.failed")} value={failed} maxLength={500} onChange={(event) => { setFailed(event.target.value); }} />
            )}
          </form>
        )}
        {into !== "" && (
          <p className="notice">
            {t("custody.into", { code: into })}
            <Button look="quiet" onPress={() => { setInto(""); }}>
              {t("custody.into.stop")}
            </Button>
          </p>
        )}
        {expected !== "" && (
          <p className="notice">
            {t("custody.expected", { code: expected })}
            <Button look="quiet" onPress={() => { setExpected(""); }}>
              {t("custody.expected.stop")}
            </Button>
          </p>
        )}
        <div role="status" className="scan-outcome">
          {outcome && <Result outcome={outcome} />}
        </div>
        {outcome && "answer" in outcome && <MadeHere key={outcome.answer.event.number} answer={outcome.answer} step={point.step} onDone={() => { input.current?.focus(); }} />}
        <h2>{t("custody.scans")}</h2>
        <Wrong error={scans.data ? null : scans.error} />
        {scans.data?.length === 0 && <p className="second">{t("custody.scans.none")}</p>}
        <LastScans events={scans.data ?? []} onUndo={mayScan ? (event) => { undoing.mutate(event); } : null} />
      </div>
      <WaitingHere
        point={point}
        expected={expected}
        onExpect={(code) => {
          setExpected(code);
          input.current?.focus();
        }}
      />
    </div>
  );
}

export function BenchPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const mayManage = usePermission("custody.manage");
  const points = useQuery(pointsQuery);
  const [chosen, setChosen] = useState(() => localStorage.getItem(STATION) ?? "");
  const [withSound, setSound] = useState(() => localStorage.getItem(SOUND) === "on");
  const point = points.data?.find(({ id }) => id === chosen) ?? points.data?.[0];
  return (
    <div className="custody-page">
      <title>{`${t("custody.bench")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("custody.bench")}</h1>
      <div className="toolbar">
        <CustodyNav />
        <span className="spring" />
        {point && (
          <>
            <Select
              label={t("custody.station")}
              value={point.id}
              options={(points.data ?? []).map(({ id, name, room, step }) => ({ value: id, text: [name, room, t(`custody.step.${step}`)].filter(Boolean).join(" · ") }))}
              onChange={(id) => {
                localStorage.setItem(STATION, id);
                setChosen(id);
              }}
            />
            <Check
              label={t("custody.sound")}
              checked={withSound}
              onChange={(isOn) => {
                localStorage.setItem(SOUND, isOn ? "on" : "off");
                setSound(isOn);
              }}
            />
          </>
        )}
      </div>
      {points.error && !points.data && (
        <div className="blank" role="alert">
          <p>{problemText(points.error)}</p>
          <Button icon="retry" onPress={() => void points.refetch()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {points.data && !point && (
        <div className="blank">
          <p>{t(mayManage ? "custody.noStation" : "custody.noStation.ask")}</p>
          {mayManage && (
            <Link to="/stations" className="button">
              {t("custody.stations")}
            </Link>
          )}
        </div>
      )}
      {point && <Station key={point.id} point={point} withSound={withSound} />}
    </div>
  );
}
