/** One case: whose it is, what was made of it and where that is, and all that happened to it. */
import "./cases.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery, listCaseEvents, moveCase, moveMaterial, triageCase } from "../../api/cases";
import { thumbnailUrl } from "../../api/slides";
import type { CaseDetail, CaseEventShown, CaseStatus, MaterialShown, MaterialStage, Priority, Subspecialty } from "../../api/types";
import { useFormats } from "../../i18n/format";
import type { MessageKey } from "../../i18n/messages";
import { isKnown } from "../../i18n/known";
import { InHeader } from "../../shell/header_slot";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, IconButton, Select, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { OpenIn } from "../apps/OpenIn";
import { Chain } from "../custody/Chain";
import { CaseWork } from "../orders/CaseWork";
import { PlacedOrders } from "../orders/PlacedOrders";
import { Cassettes } from "../grossing/Cassettes";
import { Photographs } from "../grossing/Photographs";
import { CaseReport } from "../reports/CaseReport";
import { AddPart, AddPiece } from "./AddMaterial";
import { Assignment } from "./Assignment";
import { CaseTitle } from "./CaseIdentity";
import { Due } from "./Due";
import { PriorityMark } from "./CaseRows";
import { PatientActs } from "./PatientActs";
import { Request, shortOf } from "./CasePreview";
import { Labels } from "./Labels";
import { useChangedCase, useQueues } from "./use_cases";
import { decodeFilter, encodeFilter, PRIORITIES, SUBSPECIALTIES } from "./worklist_state";

const EXPLAINED: readonly string[] = ["final", "amended", "ended", "rejected"];
const STAY = "-";
/** Begins the subject of an event that is about one version of the report. */
const OF_REPORT = "report ";

interface MoveProps<V extends string> {
  label: string;
  options: readonly V[];
  word: (value: V) => string;
  move: (value: V, reason: string) => Promise<CaseDetail>;
}

/** Brings a case, or a piece of it, on: where to, and a reason where one is needed. */
function Move<V extends string>({ label, options, word, move }: MoveProps<V>) {
  const { t } = useTranslation();
  const changed = useChangedCase();
  const problemText = useProblemText();
  const [wanted, setWanted] = useState<V | typeof STAY>(STAY);
  const [reason, setReason] = useState("");
  const moving = useMutation({
    mutationFn: (then: V) => move(then, reason),
    onSuccess: (now) => {
      setWanted(STAY);
      setReason("");
      return changed(now);
    },
  });
  if (options.length === 0) return null;
  return (
    <div className="move">
      <Select<V | typeof STAY> label={label} value={wanted} options={[{ value: STAY, text: label }, ...options.map((value) => ({ value, text: word(value) }))]} onChange={setWanted} />
      {wanted !== STAY && EXPLAINED.includes(wanted) && <TextField label={t(wanted === "final" ? "cases.reason.final" : "cases.reason")} value={reason} onChange={setReason} maxLength={500} />}
      {wanted !== STAY && (
        <Button look="primary" isPending={moving.isPending} isDisabled={EXPLAINED.includes(wanted) && reason.trim() === ""} onPress={() => { moving.mutate(wanted); }}>
          {t("action.save")}
        </Button>
      )}
      {moving.error && (
        <span role="alert" className="wrong">
          {problemText(moving.error)}
        </span>
      )}
    </div>
  );
}

/** How soon it is wanted, which brings its own target along, and whose field it is. */
function Triage({ shown }: { shown: CaseDetail }) {
  const { t } = useTranslation();
  const changed = useChangedCase();
  const problemText = useProblemText();
  const triaging = useMutation({
    mutationFn: (asked: Parameters<typeof triageCase>[1]) => triageCase(shown.id, asked),
    onSuccess: changed,
  });
  return (
    <>
      <Select<Priority>
        label={t("worklist.filter.priority")}
        value={shown.priority}
        options={PRIORITIES.map((value) => ({ value, text: t(`cases.priority.${value}`) }))}
        onChange={(priority) => { if (priority !== shown.priority) triaging.mutate({ priority }); }}
      />
      <Select<Subspecialty>
        label={t("worklist.filter.field")}
        value={shown.subspecialty}
        options={SUBSPECIALTIES.map((value) => ({ value, text: t(`cases.field.${value}`) }))}
        onChange={(subspecialty) => { if (subspecialty !== shown.subspecialty) triaging.mutate({ subspecialty }); }}
      />
      {triaging.error && (
        <span role="alert" className="wrong">
          {problemText(triaging.error)}
        </span>
      )}
    </>
  );
}

interface PieceProps {
  caseId: string;
  piece: MaterialShown;
  search: ReturnType<typeof encodeFilter>;
  mayProcess: boolean;
  /** Nothing is made for a case that is done. */
  mayMake: boolean;
}

function Piece({ caseId, piece, search, mayProcess, mayMake }: PieceProps) {
  const { t } = useTranslation();
  const mayTrace = usePermission("custody.view");
  const image = piece.image_ids.at(-1);
  const stage = (value: MaterialStage) => t(`cases.stage.${value}`);
  return (
    <li className={`piece of-${piece.kind}`}>
      <span className="thumbnail">
        {image !== undefined && (
          <Link to="/slides/$id" params={{ id: image }} search={search} aria-label={t("cases.openSlide", { label: shortOf(piece.identifier) })}>
            <img src={thumbnailUrl(image, 128)} alt="" loading="lazy" />
          </Link>
        )}
      </span>
      <span className="name">
        {t(`cases.kind.${piece.kind}`)} <span className="figures">{shortOf(piece.identifier)}</span>
      </span>
      <span>{[piece.organ, piece.description].filter(Boolean).join(", ")}</span>
      <span className="second stage">
        {stage(piece.stage)}
        {mayTrace && <Traced code={piece.identifier} />}
      </span>
      {mayProcess && (
        <div className="move">
          <Move<MaterialStage> label={t("cases.move")} options={piece.next_stages} word={stage} move={(then, reason) => moveMaterial(piece.id, then, reason)} />
          {mayMake && piece.kind !== "slide" && <AddPiece caseId={caseId} parent={piece} />}
        </div>
      )}
    </li>
  );
}

/** Where the piece is, and every link of its chain, in a dialog. */
function Traced({ code }: { code: string }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <IconButton icon="target" label={t("custody.where.of", { code: shortOf(code) })} onPress={() => { setOpen(true); }} />
      <Dialog title={t("custody.where")} isOpen={isOpen} onClose={() => { setOpen(false); }}>
        <Chain code={code} />
      </Dialog>
    </>
  );
}

function useEventText(): (event: CaseEventShown) => string {
  const { t } = useTranslation();
  const said = (value: string | null) => {
    for (const key of [`cases.status.${value}`, `cases.stage.${value}`]) if (isKnown<Extract<MessageKey, `cases.status.${string}`>>(key)) return t(key);
    return value ?? "";
  };
  return (event) => {
    const key = `cases.event.${event.action}`;
    const subject = event.subject.startsWith(OF_REPORT) ? event.subject.slice(OF_REPORT.length) : shortOf(event.subject);
    const what = isKnown<Extract<MessageKey, `cases.event.${string}`>>(key) ? t(key, { subject }) : event.action;
    if (!event.action.startsWith("move_") && event.action !== "correct_material") return what;
    return `${what}: ${said(event.before)} → ${said(event.after)}`;
  };
}

function History({ id }: { id: string }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const text = useEventText();
  const { data } = useQuery({ queryKey: ["case-events", id], queryFn: ({ signal }) => listCaseEvents(id, signal) });
  return (
    <section className="block">
      <h2>{t("cases.history")}</h2>
      <ol className="case-events">
        {data?.map((event) => (
          <li key={event.number}>
            <time dateTime={event.occurred_at}>{dateTime(event.occurred_at)}</time>
            <span>{text(event)}</span>
            <span className="second">{event.actor_name ?? t("audit.node")}</span>
            {event.reason !== "" && <q>{event.reason}</q>}
          </li>
        ))}
      </ol>
    </section>
  );
}

export function CasePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const { id } = useParams({ from: "/cases/$id" });
  const filter = decodeFilter(useSearch({ from: "/cases/$id" }));
  const search = encodeFilter(filter);
  const mayProcess = usePermission("cases.process");
  const mayAssign = usePermission("cases.assign");
  const { data: shown, error, refetch } = useQuery(caseQuery(id));
  useQueues();
  const isOpen = shown !== undefined && shown.status !== "final" && shown.status !== "ended";
  const mayTriage = mayAssign && isOpen;
  const status = (value: CaseStatus) => t(`cases.status.${value}`);
  return (
    <div className="case-page">
      <title>{`${t("cases.title")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("cases.title")}</h1>
      <InHeader>
        <IconButton icon="back" label={t("cases.back")} onPress={() => void navigate({ to: "/worklist", search: { ...filter, id } })} />
        {shown && <CaseTitle row={shown} />}
      </InHeader>
      {error && !shown && (
        <div className="blank" role="alert">
          <p>{problemText(error)}</p>
          <Button icon="retry" onPress={() => void refetch()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {shown && (
        <>
          <section className="block">
            <div className="case-state">
              {mayTriage ? <Triage shown={shown} /> : <PriorityMark row={shown} />}
              <strong>{status(shown.status)}</strong>
              {!mayTriage && <span>{t(`cases.field.${shown.subspecialty}`)}</span>}
              <Due key={shown.id} shown={shown} mayChange={mayTriage} />
            </div>
            {shown.foreign_numbers.length > 0 && <p className="second">{shown.foreign_numbers.map(({ issuer, value }) => `${issuer}: ${value}`).join(" · ")}</p>}
            {/* Who reads it is said below; ready and assigned follow from that. */}
            <div className="case-acts">
              <PatientActs key={`patient ${shown.id}`} shown={shown} />
              {shown.patient_id !== null && shown.patient !== null && <OpenIn patientId={shown.patient_id} />}
              <Move<CaseStatus> label={t("cases.moveCase")} options={shown.next_statuses.filter((then) => ![then, shown.status].every((one) => one === "ready" || one === "assigned"))} word={status} move={(then, reason) => moveCase(shown.id, then, reason)} />
            </div>
          </section>
          <div className="case-columns">
            <div>
              <section className="block">
                <h2>{t("cases.material")}</h2>
                {mayProcess && <Labels shown={shown} />}
                <ul className="material">
                  {shown.material.map((piece) => (
                    <Piece key={piece.id} caseId={shown.id} piece={piece} search={search} mayProcess={mayProcess} mayMake={isOpen} />
                  ))}
                </ul>
                {mayProcess && isOpen && <AddPart caseId={shown.id} />}
              </section>
              <Cassettes key={`cassettes ${shown.id}`} caseId={shown.id} />
              <Photographs key={`photographs ${shown.id}`} shown={shown} />
            </div>
            <div className="case-side">
              {shown.patient && <Request id={shown.id} heading="h2" />}
              <CaseReport key={`report ${shown.id}`} caseId={shown.id} filter={filter} />
              <Assignment key={shown.id} shown={shown} heading="h2" />
              <CaseWork key={`work ${shown.id}`} shown={shown} heading="h2" />
              <PlacedOrders key={`placed ${shown.id}`} caseId={shown.id} />
            </div>
          </div>
          <History id={shown.id} />
        </>
      )}
    </div>
  );
}
