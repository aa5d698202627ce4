/** Further work for the bench: lists at the left, the orders in the middle, the one at hand at the right. All of it by keys. */
import "../cases/cases.css";
import "./orders.css";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { caseWorkQuery, listWork } from "../../api/orders";
import type { WorkKind, WorkOrder, WorkState } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { useListKeys } from "../../ui/list_keys";
import { TableRows } from "../../ui/TableRows";
import { usePermission } from "../access/me";
import { PriorityMark } from "../cases/CaseRows";
import { shortOf } from "../cases/CasePreview";
import { useQueues } from "../cases/use_cases";
import { sinceText } from "../cases/words";
import { benchListingOf, LISTS, type BenchState } from "./bench_state";
import { EXPLAINED, KINDS, movesOf } from "./kinds";
import { useAcceptWork, useMoveWork, useWorkCounts } from "./use_work";
import { WorkMark } from "./WorkMark";
import { WorkMoves } from "./WorkMoves";
import { useWorkWords } from "./words";

const COLUMNS = ["priority", "case", "on", "work", "state", "by", "age"] as const;
const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
const PAGE = 100;
const AHEAD = 20;
/** The key that marks the order at hand. */
const MARK = " ";
/** Keys of the bench, as the buttons of the order say them. */
const MOVE_KEYS: Readonly<Record<string, WorkState>> = { a: "accepted", b: "in_progress", d: "done", r: "rejected", x: "cancelled" };

const isAcceptable = ({ next_states }: WorkOrder): boolean => next_states.includes("accepted");

interface CellsProps {
  order: WorkOrder;
  now: number;
  isMarked: boolean;
  /** Null for whoever accepts nothing. */
  onMark: (() => void) | null;
}

function Cells({ order, now, isMarked, onMark }: CellsProps) {
  const { t, i18n } = useTranslation();
  const words = useWorkWords();
  return (
    <>
      {onMark && (
        <span role="gridcell">
          {isAcceptable(order) && (
            <input type="checkbox" tabIndex={-1} checked={isMarked} onChange={onMark} aria-label={t("orders.mark", { case: order.case_number, order: `W${order.serial}` })} />
          )}
        </span>
      )}
      <span role="gridcell">
        <PriorityMark row={order} />
      </span>
      <span role="gridcell">{order.case_number}</span>
      <span role="gridcell">{order.subject_id === null ? t("orders.wholeCase") : shortOf(order.subject)}</span>
      <span role="gridcell" className="name" title={words.what(order)}>
        {words.what(order)}
      </span>
      <span role="gridcell">
        <WorkMark state={order.state} />
      </span>
      <span role="gridcell">{order.requested_by_name}</span>
      <span role="gridcell">{sinceText(i18n.language, order.requested_at, now)}</span>
    </>
  );
}

interface AtHandProps {
  order: WorkOrder | undefined;
  asked: WorkState | null;
  onAsked: (state: WorkState | null) => void;
}

function AtHand({ order: listed, asked, onAsked }: AtHandProps) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...caseWorkQuery(listed?.case_id ?? ""), enabled: listed !== undefined });
  const order = data?.find(({ id }) => id === listed?.id) ?? listed;
  const { dateTime } = useFormats();
  const words = useWorkWords();
  return (
    <aside className="preview" aria-label={t("orders.atHand")} tabIndex={0}>
      {!order && <p className="blank">{t("orders.atHand.none")}</p>}
      {order && (
        <>
          <div className="preview-head">
            <h2>{words.what(order)}</h2>
            <p>
              <Link to="/cases/$id" params={{ id: order.case_id }} search={{ queue: "open" }} className="figures">
                {order.subject}
              </Link>{" "}
              <span className="second">{`W${order.serial}`}</span>
            </p>
            <p className="second">
              <PriorityMark row={order} /> · <WorkMark state={order.state} />
            </p>
          </div>
          <section className="block">
            {order.reason !== "" && <p className="request">{order.reason}</p>}
            {order.words !== "" && <p className="request">{order.words}</p>}
            <p className="second">{t("orders.by", { name: order.requested_by_name, time: dateTime(order.requested_at) })}</p>
            {order.decided_by_name !== null && <p className="second">{t("orders.decidedBy", { name: order.decided_by_name })}</p>}
            {order.said !== "" && <p className="request">{order.said}</p>}
            {order.planned.length > 0 && <p className="second">{t("orders.planned", { count: order.planned.length })}</p>}
          </section>
          <section className="block">
            <WorkMoves key={order.id} order={order} asked={asked} onAsked={onAsked} />
          </section>
        </>
      )}
    </aside>
  );
}

export function WorkPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const state = useSearch({ from: "/orders" });
  const { list, work, id } = state;
  const mayView = usePermission("cases.view");
  const mayProcess = usePermission("orders.process");
  const mayRequest = usePermission("orders.request");
  const counts = useWorkCounts(mayView);
  useQueues(mayView);
  const listing = useMemo(() => benchListingOf({ list, ...(work && { work }) }), [list, work]);
  const found = useInfiniteQuery({
    queryKey: ["bench", listing],
    queryFn: ({ pageParam, signal }) => listWork(listing, pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: ({ offset, items, total }) => (offset + items.length < total ? offset + items.length : undefined),
    placeholderData: keepPreviousData,
  });
  const orders = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const [asked, setAsked] = useState<WorkState | null>(null);
  const moving = useMoveWork();
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const accepting = useAcceptWork((left) => { setMarked(new Set(left)); });
  const refused = accepting.data?.[0];
  // What somebody else decided meanwhile is marked no more.
  const chosen = orders.filter((one) => marked.has(one.id) && isAcceptable(one));
  const mark = ({ id: one }: WorkOrder) => {
    setMarked((before) => (before.has(one) ? new Set([...before].filter((other) => other !== one)) : new Set([...before, one])));
  };
  const acceptChosen = () => {
    if (!accepting.isPending) accepting.mutate(chosen.map((one) => one.id));
  };
  const active = id === undefined ? -1 : orders.findIndex((one) => one.id === id);
  const [kept, setKept] = useState<WorkOrder>();
  // What was just decided may have left the list; it stays at hand until another is chosen.
  const atHand = orders[active] ?? (kept?.id === id ? kept : undefined);
  const current = orders[active];
  useEffect(() => {
    if (current) setKept(current);
  }, [current]);

  const change = (patch: { [K in keyof BenchState]?: BenchState[K] | undefined }) => {
    setAsked(null);
    void navigate({ to: "/orders", replace: true, search: (before) => Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined)) as unknown as BenchState });
  };
  const select = (index: number) => {
    const order = orders[Math.min(Math.max(index, 0), orders.length - 1)];
    if (order) change({ id: order.id });
  };
  const open = (order: WorkOrder) => void navigate({ to: "/cases/$id", params: { id: order.case_id }, search: { queue: "open" } });
  const more = (key: string): boolean => {
    const named = LISTS[Number(key) - 1];
    const then = MOVE_KEYS[key];
    if (named !== undefined) change({ list: named, id: undefined });
    else if (key === MARK && mayProcess && current && isAcceptable(current)) mark(current);
    else if (then === "accepted" && chosen.length > 0) acceptChosen();
    else if (then !== undefined && current && movesOf(current.next_states, mayProcess, mayRequest).includes(then)) {
      if (EXPLAINED.includes(then)) setAsked(then);
      else moving.mutate({ id: current.id, state: then, reason: "" });
    } else return false;
    return true;
  };
  useListKeys({ total: orders.length, active, steps: STEPS, select, open: current ? () => { open(current); } : null, more });
  const many = (one: (typeof LISTS)[number]) =>
    !counts || one === "closed" ? "" : one === "open" ? Object.values(counts.by_state).reduce((sum, count) => sum + count, 0) : (counts.by_state[one] ?? 0);
  return (
    <div className={`library worklist bench ${mayProcess ? "marking" : ""}`}>
      <title>{`${t("orders.bench")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("orders.bench")}</h1>
      <nav className="queues" aria-label={t("orders.lists")}>
        {LISTS.map((one, index) => (
          <Link key={one} to="/orders" search={{ list: one, ...(work && { work }) }} replace className="queue" aria-current={one === list}>
            <kbd>{index + 1}</kbd>
            <span>{t(`orders.list.${one}`)}</span>
            <span className="figures">{many(one)}</span>
          </Link>
        ))}
      </nav>
      <div className="library-main">
        <div className="toolbar">
          <Select<WorkKind | "all">
            label={t("orders.kind")}
            value={work ?? "all"}
            options={[{ value: "all", text: t("orders.kind.all") }, ...KINDS.map((value) => ({ value, text: t(`orders.kind.${value}`) }))]}
            onChange={(value) => { change({ work: value === "all" ? undefined : value, id: undefined }); }}
          />
          <span className="second" role="status">
            {found.data ? t("orders.count", { count: found.data.pages[0]?.total ?? 0 }) : ""}
          </span>
          <span className="spring" />
          {chosen.length > 0 && (
            <>
              <Button look="primary" needsServer isPending={accepting.isPending} onPress={acceptChosen}>
                {t("orders.acceptMarked", { count: chosen.length })}
              </Button>
              <Button look="quiet" onPress={() => { setMarked(new Set()); }}>
                {t("orders.unmark")}
              </Button>
            </>
          )}
          {mayProcess && chosen.length === 0 && <span className="second keys-hint">{t("orders.keys")}</span>}
        </div>
        {moving.error && (
          <p role="alert" className="wrong bench-error">
            {problemText(moving.error)}
          </p>
        )}
        {refused && (
          <p role="alert" className="wrong bench-error">
            {t("orders.notAccepted", { count: accepting.data?.length ?? 0 })} {problemText(refused.error)}
          </p>
        )}
        {found.error && !found.data ? (
          <div className="blank" role="alert">
            <p>{problemText(found.error)}</p>
            <Button icon="retry" onPress={() => void found.refetch()}>
              {t("action.retry")}
            </Button>
          </div>
        ) : found.data && orders.length === 0 ? (
          <p className="blank">{t(work ? "orders.noMatch" : "orders.empty")}</p>
        ) : (
          <TableRows
            label={t("orders.bench")}
            kind="work-row"
            columns={[
              ...(mayProcess ? [{ id: "mark", heading: <span className="visually-hidden">{t("orders.column.mark")}</span> }] : []),
              ...COLUMNS.map((column) => ({ id: column, heading: t(`orders.column.${column}`) })),
            ]}
            cells={(order) => <Cells order={order} now={Date.now()} isMarked={marked.has(order.id)} onMark={mayProcess ? () => { mark(order); } : null} />}
            total={orders.length}
            at={(index) => orders[index]}
            active={active}
            goal={active}
            onActive={select}
            onOpen={open}
            onRange={(_, last) => { if (found.hasNextPage && !found.isFetching && last >= orders.length - AHEAD) void found.fetchNextPage(); }}
          />
        )}
      </div>
      <AtHand order={atHand} asked={asked} onAsked={setAsked} />
    </div>
  );
}
