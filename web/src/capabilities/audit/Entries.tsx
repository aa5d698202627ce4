import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { filterOf, slideIn, type AuditState } from "./audit_state";
import { EntryPanel } from "./EntryPanel";
import { entriesQuery, entryQuery } from "./entries_query";
import { FilterBar, type Change } from "./FilterBar";
import { SlideLife } from "./SlideLife";
import { useWords } from "./words";

const COLUMNS = ["at", "person", "action", "target", "purpose", "outcome"] as const;
const AHEAD = 20;
/** The server counts no further. */
const MOST_COUNTED = 10_000;
const rowId = (index: number) => `entry-row-${index}`;

type Names = Record<string, string | null>;

export function Outcome({ outcome }: { outcome: AuditEntry["outcome"] }) {
  const { t } = useTranslation();
  return (
    <span className={`status outcome-${outcome}`}>
      {outcome === "done" ? null : <Icon name={outcome === "refused" ? "close" : "warning"} />}
      {t(`audit.outcome.${outcome}`)}
    </span>
  );
}

function Cells({ entry, names }: { entry: AuditEntry; names: Names }) {
  const words = useWords();
  const { dateTime } = useFormats();
  return (
    <>
      <span role="gridcell" className="figures">
        {dateTime(entry.at)}
      </span>
      <span role="gridcell" className="name">
        {words.person(entry.person, names, entry.action)}
      </span>
      <span role="gridcell">{words.action(entry.action)}</span>
      <span role="gridcell">{words.target(entry.target, names)}</span>
      <span role="gridcell">{entry.purpose ? words.purpose(entry.purpose) : ""}</span>
      <span role="gridcell">
        <Outcome outcome={entry.outcome} />
      </span>
    </>
  );
}

export function Entries({ state, change }: { state: AuditState; change: Change }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { number } = useFormats();
  const filter = useMemo(() => filterOf(state), [state]);
  const found = useInfiniteQuery(entriesQuery(filter));
  const entries = useMemo(() => found.data?.pages.flatMap((page) => page.entries) ?? [], [found.data]);
  const names = useMemo(() => Object.assign({}, ...(found.data?.pages.map((page) => page.names) ?? [])) as Names, [found.data]);
  const total = found.data?.pages[0]?.total ?? null;
  const selected = state.entry === undefined ? -1 : entries.findIndex((entry) => String(entry.index) === state.entry);
  // An entry that somebody was sent the address of may stand far down the list.
  const lone = useQuery({ ...entryQuery(Number(state.entry ?? 0)), enabled: state.entry !== undefined && selected < 0 && found.isSuccess }).data;
  const shown = selected >= 0 ? entries[selected] : state.entry === undefined ? undefined : lone;

  const scroller = useRef<HTMLDivElement>(null);
  const height = parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || 36;
  const rows = useVirtualizer({ count: entries.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 12 });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetching, fetchNextPage } = found;
  useEffect(() => {
    if (hasNextPage && !isFetching && last >= entries.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage, last, entries.length]);

  const select = (place: number) => {
    const wanted = Math.min(Math.max(place, 0), entries.length - 1);
    const entry = entries[wanted];
    if (!entry) return;
    rows.scrollToIndex(wanted, { align: "auto" });
    change({ entry: String(entry.index) });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined) select(selected < 0 ? 0 : selected + step);
    else if (event.key === "Home") select(0);
    else if (event.key === "End") select(entries.length - 1);
    else if (event.key === "Escape") change({ entry: undefined });
    else return;
    event.preventDefault();
  };

  const slide = slideIn(state.target);
  return (
    <div className="audit-entries">
      <div className="audit-main">
        <FilterBar state={state} change={change} count={total === null ? "" : total < MOST_COUNTED ? t("audit.count", { count: total }) : t("audit.many", { count: MOST_COUNTED })} />
        {slide && <SlideLife id={slide} change={change} />}
        {found.error && !found.data ? (
          <div className="blank" role="alert">
            <p>{t("audit.failed")}</p>
            <p>{problemText(found.error)}</p>
            <Button icon="retry" onPress={() => void found.refetch()}>
              {t("action.retry")}
            </Button>
          </div>
        ) : found.data && entries.length === 0 ? (
          <div className="blank">
            <p>{t(Object.keys(filter).length ? "audit.noMatch" : "audit.empty")}</p>
          </div>
        ) : (
          <div
            ref={scroller}
            className="rows entries"
            role="grid"
            tabIndex={0}
            aria-label={t("audit.entries")}
            aria-rowcount={total === null || total === MOST_COUNTED ? -1 : total + 1}
            aria-busy={found.isFetching}
            aria-activedescendant={selected >= 0 ? rowId(selected) : undefined}
            onKeyDown={onKeyDown}
          >
            <div className="row head" role="row" aria-rowindex={1}>
              {COLUMNS.map((column) => (
                <span key={column} role="columnheader">
                  {t(`audit.column.${column}`)}
                </span>
              ))}
            </div>
            <div role="rowgroup" style={{ height: rows.getTotalSize(), position: "relative" }}>
              {items.map(({ index, start }) => {
                const entry = entries[index];
                return entry ? (
                  <div
                    key={entry.index}
                    id={rowId(index)}
                    className="row"
                    role="row"
                    aria-rowindex={index + 2}
                    aria-selected={index === selected}
                    style={{ transform: `translateY(${start}px)` }}
                    onClick={() => { select(index); }}
                  >
                    <Cells entry={entry} names={names} />
                  </div>
                ) : null;
              })}
            </div>
            {found.error && (
              <p role="alert" className="rows-end">
                {problemText(found.error)}
              </p>
            )}
            {!hasNextPage && entries.length > 0 && <p className="rows-end second">{t("audit.end", { number: number(entries.length) })}</p>}
          </div>
        )}
      </div>
      <EntryPanel entry={shown} names={names} change={change} />
    </div>
  );
}
