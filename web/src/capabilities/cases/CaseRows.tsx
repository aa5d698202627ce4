import "./cases.css";
import { useTranslation } from "react-i18next";
import type { CaseRow } from "../../api/types";
import { Icon } from "../../ui/icons";
import { BandMark } from "./BandMark";
import { OpenWork } from "../orders/OpenWork";
import { TableRows, type ListProps } from "../../ui/TableRows";
import { sinceText, SHAPES, usePatientWords } from "./words";

const COLUMNS = ["priority", "number", "patient", "specimen", "stains", "slides", "models", "status", "assignee", "age"] as const;
/** Columns that give way where there is little room. */
const YIELDING = ["stains", "assignee", "age"];

export function PriorityMark({ row }: { row: Pick<CaseRow, "priority"> }) {
  const { t } = useTranslation();
  return (
    <span className={`priority ${row.priority}`}>
      <span aria-hidden="true">{SHAPES[row.priority]}</span> <span className="words">{t(`cases.priority.${row.priority}`)}</span>
    </span>
  );
}

export function PatientName({ row }: { row: Pick<CaseRow, "patient" | "patient_withheld" | "patient_id"> }) {
  const { t } = useTranslation();
  const words = usePatientWords();
  if (row.patient_withheld)
    return (
      <span className="second">
        <Icon name="lock" /> {t("cases.patient.withheld")}
      </span>
    );
  if (!row.patient) return <span className="second">{t(row.patient_id === null ? "cases.patient.none" : "cases.patient.erased")}</span>;
  const [number, brief] = [words.number(row.patient), words.brief(row.patient)];
  return (
    <>
      <span className="name">{row.patient.name}</span> <span className="second">{number}</span>
      {brief && <span className="second brief">{number ? ` · ${brief}` : ` ${brief}`}</span>}
    </>
  );
}

function Cells({ row, now, byModels }: { row: CaseRow; now: number; byModels: boolean }) {
  const { t, i18n } = useTranslation();
  // What was ordered only has no target yet, and what is done is late no more.
  const late = !["registered", "final", "ended"].includes(row.status) && Date.parse(row.due_at) < now;
  return (
    <>
      <span role="gridcell">
        <PriorityMark row={row} />
      </span>
      <span role="gridcell" className="figures">
        {row.number}
      </span>
      <span role="gridcell" className="patient">
        <PatientName row={row} />
      </span>
      <span role="gridcell" title={row.specimen}>
        {row.specimen}
      </span>
      <span role="gridcell" className="stains" title={row.stains.join(", ")}>
        {row.stains.join(", ")}
      </span>
      <span role="gridcell" className="figures">
        {t("cases.scanned", { scanned: row.slides_scanned, total: row.slides_total })}
      </span>
      {byModels && (
        <span role="gridcell">
          <BandMark row={row} />
        </span>
      )}
      <span role="gridcell">
        {t(`cases.status.${row.status}`)}
        <OpenWork caseId={row.id} />
      </span>
      <span role="gridcell" className="assignee" title={row.assignee_name ?? ""}>
        {row.assignee_name}
      </span>
      <span role="gridcell" className={`age ${late ? "late" : ""}`}>
        {sinceText(i18n.language, row.received_at, now)}
        {late && (
          <>
            {" "}
            <Icon name="warning" />
            {t("cases.late")}
          </>
        )}
      </span>
    </>
  );
}

/** `byModels`: whether models have a word in the order, and so a column. */
export function CaseRows({ byModels, ...list }: ListProps<CaseRow> & { byModels: boolean }) {
  const { t } = useTranslation();
  const now = Date.now();
  return (
    <TableRows
      {...list}
      label={t("worklist.title")}
      kind="case-row"
      columns={COLUMNS.filter((id) => byModels || id !== "models").map((id) => ({ id, heading: <span className={id === "priority" ? "words" : undefined}>{t(`worklist.column.${id}`)}</span>, className: YIELDING.find((one) => one === id) }))}
      cells={(row) => <Cells row={row} now={now} byModels={byModels} />}
    />
  );
}
