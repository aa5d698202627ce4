import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { CaseRow } from "../../api/types";
import { Icon } from "../../ui/icons";
import { sinceText, SHAPES, usePatientWords } from "./words";

interface CaseRowsProps {
  total: number;
  at: (index: number) => CaseRow | undefined;
  active: number;
  /** The row to bring into view; negative for none. */
  goal: number;
  onActive: (index: number) => void;
  onOpen: (row: CaseRow) => void;
  onRange: (first: number, last: number) => void;
}

const COLUMNS = ["priority", "number", "patient", "specimen", "stains", "slides", "status", "assignee", "age"] as const;
const rowId = (index: number) => `case-row-${index}`;

function rowHeight(): number {
  return parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || 36;
}

export function PriorityMark({ row }: { row: Pick<CaseRow, "priority"> }) {
  const { t } = useTranslation();
  return (
    <span className={`priority ${row.priority}`}>
      <span aria-hidden="true">{SHAPES[row.priority]}</span> {t(`cases.priority.${row.priority}`)}
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
  return (
    <>
      <span className="name">{row.patient.name}</span> <span className="second">{[words.number(row.patient), words.brief(row.patient)].filter(Boolean).join(" · ")}</span>
    </>
  );
}

function Cells({ row, now }: { row: CaseRow; now: number }) {
  const { t, i18n } = useTranslation();
  const late = row.status !== "final" && row.status !== "ended" && Date.parse(row.due_at) < now;
  return (
    <>
      <span role="gridcell">
        <PriorityMark row={row} />
      </span>
      <span role="gridcell" className="figures">
        {row.number}
      </span>
      <span role="gridcell">
        <PatientName row={row} />
      </span>
      <span role="gridcell" title={row.specimen}>
        {row.specimen}
      </span>
      <span role="gridcell" title={row.stains.join(", ")}>
        {row.stains.join(", ")}
      </span>
      <span role="gridcell" className="figures">
        {t("cases.scanned", { scanned: row.slides_scanned, total: row.slides_total })}
      </span>
      <span role="gridcell">{t(`cases.status.${row.status}`)}</span>
      <span role="gridcell">{row.assignee_name ?? ""}</span>
      <span role="gridcell" className={late ? "late" : ""}>
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

export function CaseRows({ total, at, active, goal, onActive, onOpen, onRange }: CaseRowsProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const height = rowHeight();
  const rows = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 12 });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const report = useRef(onRange);
  report.current = onRange;
  useEffect(() => {
    report.current(first, last);
  }, [first, last]);
  useEffect(() => {
    if (goal >= 0) rows.scrollToIndex(goal, { align: "auto" });
  }, [goal, rows]);
  const now = Date.now();
  return (
    <div
      ref={scroller}
      className="case-rows"
      role="grid"
      tabIndex={0}
      aria-label={t("worklist.title")}
      aria-rowcount={total + 1}
      aria-activedescendant={active >= 0 ? rowId(active) : undefined}
    >
      <div className="case-row head" role="row" aria-rowindex={1}>
        {COLUMNS.map((column) => (
          <span key={column} role="columnheader">
            {t(`worklist.column.${column}`)}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => {
          const row = at(index);
          return (
            <div
              key={index}
              id={rowId(index)}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={index === active}
              className="case-row"
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => {
                onActive(index);
              }}
              onDoubleClick={() => {
                if (row) onOpen(row);
              }}
            >
              {row ? <Cells row={row} now={now} /> : <span role="gridcell" className="waiting" />}
            </div>
          );
        })}
      </div>
    </div>
  );
}
