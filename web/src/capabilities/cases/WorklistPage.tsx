/** The cases to be worked on: queues at the left, the list in the middle, the case at hand at the right. All of it by keys. */
import "./cases.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { pointsQuery } from "../../api/triage";
import type { CaseRow, Priority, Subspecialty } from "../../api/types";
import { InHeader } from "../../shell/header_slot";
import { useProblemText } from "../../shell/problem";
import { Button, Check, Dialog, SearchField, Select } from "../../ui/controls";
import { useListKeys } from "../../ui/list_keys";
import { usePermission } from "../access/me";
import { OpenCritical } from "../reports/OpenCritical";
import { PurposeChip } from "../slides/access/PurposeChip";
import { AccessionForm } from "./AccessionForm";
import { CasePreview } from "./CasePreview";
import { CaseRows } from "./CaseRows";
import { useCases, useQueues } from "./use_cases";
import { encodeFilter, listingOf, PRIORITIES, QUEUES, SUBSPECIALTIES, useSearchText, type WorklistFilter, type WorklistState } from "./worklist_state";

const SEARCH_DELAY_MS = 200;
/** Rows among which the case that the address names is looked for. */
const MOST_LOOKED_AT = 500;

const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

export function WorklistPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const state = useSearch({ from: "/worklist" });
  const { queue, priority, field, order } = state;
  const mayView = usePermission("cases.view");
  const mayAccession = usePermission("cases.accession");
  const mayScan = usePermission("custody.scan");
  const mayTurnaround = usePermission("cases.view_turnaround");
  const mayTriage = usePermission("triage.view");
  const mayRescreen = usePermission("quality.view");
  const points = useQuery({ ...pointsQuery, enabled: mayTriage });
  const byModels = points.data?.some((point) => point.ended_at === null) ?? false;
  const text = useSearchText((store) => store.text);
  const [typed, setTyped] = useState(text);
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const [place, setPlace] = useState(-1);
  const [accessions, setAccessions] = useState(false);
  const searchInput = useRef<HTMLInputElement>(null);
  const counts = useQueues(mayView);
  const filter = useMemo<WorklistFilter>(
    () => ({ queue, ...(priority && { priority }), ...(field && { field }), ...(order && { order }) }),
    [queue, priority, field, order],
  );
  const listing = useMemo(() => listingOf(filter, text), [filter, text]);
  const cases = useCases(listing, range[0], range[1], place);
  const total = cases.total ?? 0;

  const change = useCallback(
    (patch: { [K in keyof WorklistState]?: WorklistState[K] | undefined }) =>
      void navigate({
        to: "/worklist",
        replace: true,
        search: (before) => Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined)) as unknown as WorklistState,
      }),
    [navigate],
  );

  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => {
      useSearchText.setState({ text: typed });
      setPlace(-1);
    }, SEARCH_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, text]);

  // The selected row: remembered by the node's id of the case, by place while the list changes under it.
  const active = useMemo(() => {
    if (!state.id) return -1;
    if (cases.at(place)?.id === state.id) return place;
    for (let index = 0; index < Math.min(total, MOST_LOOKED_AT); index++) if (cases.at(index)?.id === state.id) return index;
    return -1;
  }, [state.id, cases, place, total]);
  // Whoever comes back from a case finds it on the screen.
  useEffect(() => {
    if (place < 0 && active >= 0) setPlace(active);
  }, [place, active]);
  const selected = active >= 0 ? cases.at(active) : undefined;

  const select = useCallback(
    (index: number) => {
      const clamped = Math.min(Math.max(index, 0), total - 1);
      const row = cases.at(clamped);
      setPlace(clamped);
      if (row) change({ id: row.id });
    },
    [change, cases, total],
  );
  const open = useCallback(
    (row: CaseRow) => {
      const search = encodeFilter(filter);
      if (row.first_image_id !== null) void navigate({ to: "/slides/$id", params: { id: row.first_image_id }, search });
      else void navigate({ to: "/cases/$id", params: { id: row.id }, search });
    },
    [navigate, filter],
  );
  // A jump to a row that was not loaded yet selects it once it is.
  const target = cases.at(place);
  useEffect(() => {
    if (place >= 0 && target && active < 0) change({ id: target.id });
  }, [place, target, active, change]);

  const more = (key: string): boolean => {
    const named = /^[1-9]$/.test(key) ? QUEUES[Number(key) - 1] : undefined;
    if (named !== undefined) {
      setPlace(-1);
      change({ queue: named, id: undefined });
    } else if (key === "n" && mayAccession) setAccessions(true);
    else return false;
    return true;
  };
  useListKeys({ total, active, steps: STEPS, select, open: selected ? () => { open(selected); } : null, searchInput, more });

  const onRange = useCallback((first: number, last: number) => {
    setRange((before) => (before[0] === first && before[1] === last ? before : [first, last]));
  }, []);
  const filtered = Boolean(text || priority || field);
  const accession = (
    <Button icon="plus" onPress={() => { setAccessions(true); }}>
      {t("accession.open")}
    </Button>
  );
  return (
    <div className={`library worklist ${byModels ? "by-models" : ""}`}>
      <title>{`${t("worklist.title")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("worklist.title")}</h1>
      <InHeader>
        <SearchField label={t("worklist.search")} hint={t("worklist.searchHint")} value={typed} onChange={setTyped} inputRef={searchInput} />
        <PurposeChip />
      </InHeader>
      <nav className="queues" aria-label={t("worklist.queues")}>
        {QUEUES.map((one, index) => (
          <Link
            key={one}
            to="/worklist"
            search={{ ...filter, queue: one }}
            replace
            className="queue"
            aria-current={one === queue}
            onClick={() => { setPlace(-1); }}
          >
            <kbd>{index + 1}</kbd>
            <span>{t(`worklist.queue.${one}`)}</span>
            <span className="figures">{counts?.[one] ?? ""}</span>
          </Link>
        ))}
        {(mayScan || mayTurnaround || mayTriage || mayRescreen) && (
          <div className="elsewhere">
            {mayScan && <Link to="/bench">{t("custody.bench")}</Link>}
            {mayTurnaround && <Link to="/turnaround">{t("turnaround.title")}</Link>}
            {mayTriage && (
              <Link to="/triage" search={{}}>
                {t("triage.title")}
              </Link>
            )}
            {mayRescreen && (
              <>
                <Link to="/rescreening" search={{ list: "to_read" }}>
                  {t("quality.title")}
                </Link>
                <Link to="/scanners" search={{}}>
                  {t("drift.title")}
                </Link>
              </>
            )}
          </div>
        )}
      </nav>
      <div className="library-main">
        <div className="toolbar">
          <Select<Priority | "all">
            label={t("worklist.filter.priority")}
            value={priority ?? "all"}
            options={[{ value: "all", text: t("worklist.filter.allPriorities") }, ...PRIORITIES.map((value) => ({ value, text: t(`cases.priority.${value}`) }))]}
            onChange={(value) => { change({ priority: value === "all" ? undefined : value, id: undefined }); }}
          />
          <Select<Subspecialty | "all">
            label={t("worklist.filter.field")}
            value={field ?? "all"}
            options={[{ value: "all", text: t("worklist.filter.allFields") }, ...SUBSPECIALTIES.map((value) => ({ value, text: t(`cases.field.${value}`) }))]}
            onChange={(value) => { change({ field: value === "all" ? undefined : value, id: undefined }); }}
          />
          {byModels && queue !== "closed" && (
            <Check label={t("worklist.byModels")} checked={order !== "due"} onChange={(wanted) => { setPlace(-1); change({ order: wanted ? undefined : "due" }); }} />
          )}
          <span className="second" role="status">
            {cases.total === null ? "" : t(cases.more ? "worklist.countMore" : "worklist.count", { count: cases.total })}
          </span>
          <span className="spring" />
          <OpenCritical filter={filter} />
          {mayAccession && accession}
        </div>
        {cases.error !== null && cases.total === null ? (
          <div className="blank" role="alert">
            <p>{t("worklist.failed")}</p>
            <p>{problemText(cases.error)}</p>
            <Button icon="retry" onPress={cases.retry}>
              {t("action.retry")}
            </Button>
          </div>
        ) : cases.total === 0 ? (
          <div className="blank">
            <p>{t(filtered ? "worklist.noMatch" : "worklist.empty")}</p>
            {filtered ? (
              <Button
                onPress={() => {
                  setTyped("");
                  useSearchText.setState({ text: "" });
                  change({ priority: undefined, field: undefined });
                }}
              >
                {t("worklist.noMatch.action")}
              </Button>
            ) : (
              mayAccession && queue === "open" && accession
            )}
          </div>
        ) : cases.total === null ? (
          <div className="blank" />
        ) : (
          <CaseRows byModels={byModels} total={total} at={cases.at} active={active} goal={place} onActive={select} onOpen={open} onRange={onRange} />
        )}
      </div>
      <CasePreview row={selected} filter={filter} onOpen={open} />
      <Dialog title={t("accession.title")} isOpen={accessions} onClose={() => { setAccessions(false); }}>
        <AccessionForm
          onDone={(made) => {
            setAccessions(false);
            change({ queue: "open", id: made.id });
          }}
          onOpenCase={(id) => {
            setAccessions(false);
            void navigate({ to: "/cases/$id", params: { id }, search: encodeFilter(filter) });
          }}
        />
      </Dialog>
    </div>
  );
}
