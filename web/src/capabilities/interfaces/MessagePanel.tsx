import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { correctMessage, discardMessage, replayMessage } from "../../api/interfaces";
import type { MessageRow, MessageShown, SegmentShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { usePermission } from "../access/me";
import { CorrectionDialog } from "./CorrectionDialog";
import { messageQuery } from "./messages_query";
import { State } from "./State";

const MASK = "•••";
const MOST_REASON = 500;

function Segments({ label, segments }: { label: string; segments: readonly SegmentShown[] }) {
  const { t } = useTranslation();
  return (
    <section className="block">
      <h3>{label}</h3>
      <div className="segments" role="list" aria-label={label}>
        {segments.map((segment, place) => (
          <dl key={place} role="listitem" className="segment">
            {segment.fields.map((field) => (
              <div key={field.number}>
                <dt>{`${segment.name}-${field.number}`}</dt>
                {field.text === null ? (
                  <dd className="masked" aria-label={t("messages.masked.field")}>
                    {MASK}
                  </dd>
                ) : (
                  <dd>{field.text}</dd>
                )}
              </div>
            ))}
          </dl>
        ))}
      </div>
    </section>
  );
}

function Repairs({ shown, onMoved }: { shown: MessageShown; onMoved: (row: MessageRow) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [correcting, setCorrecting] = useState(false);
  const [reason, setReason] = useState("");
  const { number, state, direction, kept } = shown.row;
  const settle = (row: MessageRow) => {
    setCorrecting(false);
    setReason("");
    onMoved(row);
    return client.invalidateQueries({ queryKey: ["messages"] });
  };
  const replay = useMutation({ mutationFn: () => replayMessage(number), onSuccess: settle });
  const correct = useMutation({ mutationFn: (text: string) => correctMessage(number, text), onSuccess: settle });
  const discard = useMutation({ mutationFn: () => discardMessage(number, reason), onSuccess: settle });
  const busy = replay.isPending || correct.isPending || discard.isPending;
  const error = replay.error ?? discard.error;
  const isDead = state === "dead";
  if (!isDead && !(direction === "out" && state === "waiting")) return null;
  return (
    <section className="block repairs" aria-label={t("messages.repair")}>
      {isDead && (
        <div className="actions">
          <Button look="primary" icon="retry" needsServer isDisabled={busy || !kept} onPress={() => { replay.mutate(); }}>
            {t(`messages.replay.${direction}`)}
          </Button>
          <Button needsServer isDisabled={busy || shown.text === null} onPress={() => { setCorrecting(true); }}>
            {t("messages.correct")}
          </Button>
        </div>
      )}
      <form
        className="discard"
        onSubmit={(event) => {
          event.preventDefault();
          discard.mutate();
        }}
      >
        <input
          className="input"
          aria-label={t("messages.discard.reason")}
          placeholder={t("messages.discard.reason")}
          maxLength={MOST_REASON}
          value={reason}
          onChange={(event) => { setReason(event.target.value); }}
        />
        <Button type="submit" isDisabled={busy || reason.trim() === ""}>
          {t("messages.discard")}
        </Button>
      </form>
      {error && <p role="alert">{problemText(error)}</p>}
      {correcting && (
        <CorrectionDialog
          text={shown.text ?? ""}
          busy={busy}
          error={correct.error}
          onSend={(text) => { correct.mutate(text); }}
          onClose={() => {
            setCorrecting(false);
            correct.reset();
          }}
        />
      )}
    </section>
  );
}

function Facts({ row }: { row: MessageRow }) {
  const { t } = useTranslation();
  const { dateTime, number } = useFormats();
  const facts: [string, string][] = [
    [t("messages.column.at"), dateTime(row.at)],
    [t(`messages.partner.${row.direction}`), row.partner],
    [t("messages.controlId"), row.control_id],
    [t("messages.doneAt"), row.done_at === null ? "" : dateTime(row.done_at)],
    [t("messages.attempts"), row.attempts > 0 ? number(row.attempts) : ""],
    [t("messages.nextAttempt"), row.next_attempt_at === null ? "" : dateTime(row.next_attempt_at)],
    [t("messages.replaces"), row.replaces === null ? "" : String(row.replaces)],
  ];
  return (
    <section className="block">
      <dl className="facts">
        {facts.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
      {row.case_id !== null && (
        <Link to="/cases/$id" params={{ id: row.case_id }} search={{ queue: "open" }} className="button">
          {t("messages.openCase")}
        </Link>
      )}
    </section>
  );
}

/** One message by its segments, and what can be done with it. */
export function MessagePanel({ number, onMoved }: { number: number; onMoved: (row: MessageRow) => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const problemText = useProblemText();
  const mayManage = usePermission("interfaces.manage");
  const { data: shown, error } = useQuery(messageQuery(number));
  if (error)
    return (
      <p className="blank" role="alert">
        {problemText(error)}
      </p>
    );
  if (!shown) return null;
  const { row } = shown;
  return (
    <>
      <div className="preview-head">
        <h2>{row.kind || t("messages.noKind")}</h2>
        <p>
          <State state={row.state} />
        </p>
        {row.reason_said && <p>{say(row.reason_said)}</p>}
      </div>
      {mayManage && <Repairs key={row.number} shown={shown} onMoved={onMoved} />}
      <Facts row={row} />
      {shown.masked && shown.segments.length > 0 && <p className="block second">{t("messages.masked")}</p>}
      {shown.erased && <p className="block second">{t("messages.erased")}</p>}
      {!row.kept && <p className="block second">{t(row.state === "refused" ? "messages.notKept" : "messages.dropped")}</p>}
      {shown.segments.length > 0 && <Segments label={t("messages.text")} segments={shown.segments} />}
      {shown.segments.length === 0 && shown.text !== null && <pre className="raw-message">{shown.text}</pre>}
      {shown.answer.length > 0 && <Segments label={t("messages.answer")} segments={shown.answer} />}
    </>
  );
}
