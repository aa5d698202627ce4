import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { PagedRows } from "../../shell/PagedRows";
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
/** The server counts no further. */
const MOST_COUNTED = 10_000;

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
      <span role="gridcell">{words.targetOf(entry, names)}</span>
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
          <PagedRows
            label={t("audit.entries")}
            kind="entry-row"
            columns={COLUMNS.map((id) => ({ id, heading: t(`audit.column.${id}`) }))}
            cells={(entry) => <Cells entry={entry} names={names} />}
            rows={entries}
            rowCount={total === null || total === MOST_COUNTED ? -1 : total}
            pages={found}
            selected={selected}
            onSelect={(entry) => { change({ entry: entry && String(entry.index) }); }}
            end={entries.length > 0 && <p className="rows-end second">{t("audit.end", { number: number(entries.length) })}</p>}
          />
        )}
      </div>
      <EntryPanel entry={shown} names={names} change={change} />
    </div>
  );
}
