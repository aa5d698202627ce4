/** The rescreening board: lists at the left, cases in the middle; Enter opens the one at hand. All of it by keys. */
import "../cases/cases.css";
import "./quality.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { boardQuery } from "../../api/quality";
import type { RereadRow } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { InHeader } from "../../shell/header_slot";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { useListKeys } from "../../ui/list_keys";
import { TableRows } from "../../ui/TableRows";
import { usePermission } from "../access/me";
import { PriorityMark } from "../cases/CaseRows";
import { PurposeChip } from "../slides/access/PurposeChip";
import { BOARDS, PAGES, type BoardState } from "./board_state";
import { GravityMark, StateMark } from "./Marks";
import { Plans } from "./Plans";
import { RatesPanel } from "./RatesPanel";

const COLUMNS = ["priority", "case", "field", "state", "gravity", "signed"] as const;
const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

function Cells({ row }: { row: RereadRow }) {
  const { t } = useTranslation();
  const { date } = useFormats();
  return (
    <>
      <span role="gridcell">
        <PriorityMark row={row} />
      </span>
      <span role="gridcell">{row.case_number}</span>
      <span role="gridcell">{t(`cases.field.${row.field}`)}</span>
      <span role="gridcell">
        <StateMark state={row.state} />
        {row.is_mine && <span className="second"> {t("quality.mine")}</span>}
      </span>
      <span role="gridcell">{row.gravity !== null && <GravityMark gravity={row.gravity} />}</span>
      <span role="gridcell">{date(row.signed_at)}</span>
    </>
  );
}

/** The lists and pages at the left by their numbers. */
function useNumberKeys() {
  const navigate = useNavigate();
  return (key: string): boolean => {
    const then = [...BOARDS, ...PAGES][Number(key) - 1];
    if (then === undefined) return false;
    void navigate({ to: "/rescreening", replace: true, search: { list: then } });
    return true;
  };
}

/** A page without rows, from which the numbers lead on as they led to it. */
function Page({ children }: { children: ReactNode }) {
  useListKeys({ total: 0, active: -1, steps: {}, select: () => undefined, open: null, more: useNumberKeys() });
  return children;
}

function List({ list, id }: BoardState) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const named = BOARDS.find((one) => one === list) ?? "to_read";
  const found = useQuery({ ...boardQuery(named), placeholderData: keepPreviousData });
  const rows = found.data?.items ?? [];
  const active = rows.findIndex((one) => one.id === id);
  const select = (index: number) => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (row) void navigate({ to: "/rescreening", replace: true, search: { list, id: row.id } });
  };
  const open = (row: RereadRow) => void navigate({ to: "/rescreening/$id", params: { id: row.id } });
  const current = rows[active];
  const more = useNumberKeys();
  useListKeys({ total: rows.length, active, steps: STEPS, select, open: current ? () => { open(current); } : null, more });
  if (found.error && !found.data)
    return (
      <div className="blank" role="alert">
        <p>{problemText(found.error)}</p>
        <Button icon="retry" onPress={() => void found.refetch()}>
          {t("action.retry")}
        </Button>
      </div>
    );
  if (!found.data) return <div className="blank" />;
  if (rows.length === 0) return <p className="blank">{t(`quality.empty.${named}`)}</p>;
  return (
    <TableRows
      label={t("quality.title")}
      kind="reread-row"
      columns={COLUMNS.map((column) => ({ id: column, heading: t(`quality.column.${column}`) }))}
      cells={(row) => <Cells row={row} />}
      total={rows.length}
      at={(index) => rows[index]}
      active={active}
      goal={active}
      onActive={select}
      onOpen={open}
      onRange={() => undefined}
    />
  );
}

export function RescreeningPage() {
  const { t } = useTranslation();
  const state = useSearch({ from: "/rescreening" });
  const mayView = usePermission("quality.view");
  const counts = useQuery({ ...boardQuery("to_read"), enabled: mayView }).data?.counts;
  return (
    <div className="library worklist rescreening">
      <title>{`${t("quality.title")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("quality.title")}</h1>
      <InHeader>
        <PurposeChip />
      </InHeader>
      <nav className="queues" aria-label={t("quality.lists")}>
        {[...BOARDS, ...PAGES].map((one, index) => {
          const many = BOARDS.find((board) => board === one);
          return (
            <Link key={one} to="/rescreening" search={{ list: one }} replace className="queue" aria-current={one === state.list}>
              <kbd>{index + 1}</kbd>
              <span>{t(`quality.list.${one}`)}</span>
              <span className="figures">{many === undefined ? "" : (counts?.[many] ?? "")}</span>
            </Link>
          );
        })}
      </nav>
      <div className="library-main">
        {state.list === "rates" || state.list === "plans" ? <Page>{state.list === "rates" ? <RatesPanel /> : <Plans />}</Page> : <List {...state} />}
      </div>
    </div>
  );
}
