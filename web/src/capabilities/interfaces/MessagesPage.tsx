import "./interfaces.css";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MessageRow } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { PagedRows } from "../../shell/PagedRows";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { usePermission } from "../access/me";
import { Connections } from "./Connections";
import { MessagePanel } from "./MessagePanel";
import { connectionsQuery, messagesQuery } from "./messages_query";
import { DIRECTIONS, filterOf, STATES, type MessagesState } from "./messages_state";
import { State } from "./State";

const COLUMNS = ["at", "direction", "partner", "kind", "state", "reason"] as const;
const ALL = "";
/** The server counts no further. */
const MOST_COUNTED = 10_000;

type Change = (patch: { [K in keyof MessagesState]?: MessagesState[K] | undefined }) => void;

function Cells({ row }: { row: MessageRow }) {
  const { t } = useTranslation();
  const say = useSay();
  const { dateTime } = useFormats();
  return (
    <>
      <span role="gridcell" className="figures">
        {dateTime(row.at)}
      </span>
      <span role="gridcell">{t(`messages.direction.${row.direction}`)}</span>
      <span role="gridcell" className="name">
        {row.partner}
      </span>
      <span role="gridcell">{row.kind}</span>
      <span role="gridcell">
        <State state={row.state} />
      </span>
      <span role="gridcell" className="second">
        {row.reason_said ? say(row.reason_said) : ""}
      </span>
    </>
  );
}

function Filters({ state, change, counts }: { state: MessagesState; change: Change; counts: Record<string, number> }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const counted = (count: number) => (count > MOST_COUNTED ? `${number(MOST_COUNTED)}+` : number(count));
  return (
    <div className="toolbar" role="search" aria-label={t("messages.filter")}>
      <Select
        label={t("messages.column.state")}
        value={state.state ?? ALL}
        options={[
          { value: ALL, text: t("messages.state.any") },
          ...STATES.map((value) => ({ value, text: t("messages.counted", { state: t(`messages.state.${value}`), number: counted(counts[value] ?? 0) }) })),
        ]}
        onChange={(wanted) => { change({ state: STATES.find((each) => each === wanted) }); }}
      />
      <Select
        label={t("messages.column.direction")}
        value={state.direction ?? ALL}
        options={[{ value: ALL, text: t("messages.direction.any") }, ...DIRECTIONS.map((value) => ({ value, text: t(`messages.direction.${value}`) }))]}
        onChange={(wanted) => { change({ direction: DIRECTIONS.find((each) => each === wanted) }); }}
      />
      {Object.keys(filterOf(state)).length > 0 && (
        <Button look="quiet" onPress={() => { change({ state: undefined, direction: undefined, partner: undefined }); }}>
          {t("messages.all")}
        </Button>
      )}
    </div>
  );
}

function Rows({ state, change }: { state: MessagesState; change: Change }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const filter = useMemo(() => filterOf(state), [state]);
  const found = useInfiniteQuery(messagesQuery(filter));
  const messages = useMemo(() => found.data?.pages.flatMap((page) => page.messages) ?? [], [found.data]);
  const selected = state.message === undefined ? -1 : messages.findIndex((one) => String(one.number) === state.message);
  if (found.error && !found.data)
    return (
      <div className="blank" role="alert">
        <p>{problemText(found.error)}</p>
        <Button icon="retry" onPress={() => void found.refetch()}>
          {t("action.retry")}
        </Button>
      </div>
    );
  if (found.data && messages.length === 0) return <p className="blank">{t(Object.keys(filter).length > 0 ? "messages.noMatch" : "messages.empty")}</p>;
  return (
    <PagedRows
      label={t("messages.title")}
      kind="message-row"
      columns={COLUMNS.map((id) => ({ id, heading: t(`messages.column.${id}`) }))}
      cells={(row) => <Cells row={row} />}
      rows={messages}
      rowCount={-1}
      pages={found}
      selected={selected}
      onSelect={(row) => { change({ message: row && String(row.number) }); }}
    />
  );
}

/** Messages between the node and other systems: how the lines stand, what came and went, what is to be repaired. */
export function MessagesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const state = useSearch({ from: "/messages" });
  const problemText = useProblemText();
  const mayView = usePermission("interfaces.view");
  const connections = useQuery({ ...connectionsQuery, enabled: mayView });
  const change: Change = useCallback(
    (patch) =>
      void navigate({
        to: "/messages",
        replace: true,
        search: (before) => Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined)),
      }),
    [navigate],
  );
  if (!mayView) return <p className="blank">{t("messages.notYours")}</p>;
  return (
    <div className="messages">
      <title>{`${t("messages.title")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("messages.title")}</h1>
      <div className="messages-main">
        {connections.error && <p role="alert" className="connections">{problemText(connections.error)}</p>}
        {connections.data && <Connections connections={connections.data.connections} chosen={state.partner} onChoose={(partner) => { change({ partner }); }} />}
        <Filters state={state} change={change} counts={connections.data?.counts ?? {}} />
        <Rows state={state} change={change} />
      </div>
      <aside className="preview" aria-label={t("messages.one")} tabIndex={0}>
        {state.message === undefined ? (
          <p className="blank">{t("messages.none")}</p>
        ) : (
          <MessagePanel number={Number(state.message)} onMoved={(row) => { change({ message: String(row.number) }); }} />
        )}
      </aside>
    </div>
  );
}
