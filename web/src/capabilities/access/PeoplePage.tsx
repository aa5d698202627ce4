import "./access.css";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Cell, Column, Row, Table, TableBody, TableHeader, TableLayout, Virtualizer } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { listOrganisations, listPeople } from "../../api/access";
import type { PersonShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { InHeader } from "../../shell/header_slot";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, SearchField, Select } from "../../ui/controls";
import { Groups } from "./Groups";
import { Invite } from "./Invite";
import { useMe, usePermission } from "./me";
import { PersonPanel } from "./PersonPanel";

const PAGE = 200;
const SEARCH_DELAY_MS = 200;
const ROW_PX = 36;
const HEAD_PX = 32;

/** The people of an organisation, for who administers it. */
export function PeoplePage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const state = useSearch({ from: "/people" });
  const me = useMe().data;
  const [text, setText] = useState(state.q ?? "");
  const [isInviting, setInviting] = useState(false);
  const [isGrouping, setGrouping] = useState(false);
  const at = state.at;
  const people = useInfiniteQuery({
    queryKey: ["people", at ?? "", state.q ?? ""],
    queryFn: ({ pageParam, signal }) => listPeople(state.q ?? "", at, pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.offset + last.items.length < last.total ? last.offset + last.items.length : undefined),
    placeholderData: (before) => before,
  });
  const items = people.data?.pages.flatMap((page) => page.items) ?? [];
  const total = people.data?.pages[0]?.total;
  const selected = items.find((each) => each.id === state.id);
  const change = (patch: { q?: string | undefined; id?: string | undefined; at?: string | undefined }) =>
    void navigate({
      to: "/people",
      replace: true,
      search: (before) => Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value)),
    });
  useEffect(() => {
    if (text === (state.q ?? "")) return;
    const timer = setTimeout(() => {
      change({ q: text, id: undefined });
    }, SEARCH_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = people;
  return (
    <div className="people">
      <title>{`${t("user.people")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("user.people")}</h1>
      <InHeader>
        <SearchField label={t("people.search")} hint={t("people.searchHint")} value={text} onChange={setText} />
      </InHeader>
      <div className="people-main">
        <div className="toolbar">
          <Where at={at} onChange={(next) => { change({ at: next, id: undefined }); }} />
          <span className="second" role="status">
            {total === undefined ? "" : t("people.count", { count: total })}
          </span>
          <span className="spring" />
          {at === undefined && (
            <Button onPress={() => { setGrouping(true); }}>{t("people.groups")}</Button>
          )}
          <Button look="primary" icon="plus" onPress={() => { setInviting(true); }}>
            {t("people.add")}
          </Button>
        </div>
        {people.error && items.length === 0 ? (
          <div className="blank" role="alert">
            <p>{problemText(people.error)}</p>
            <Button icon="retry" onPress={() => void people.refetch()}>
              {t("action.retry")}
            </Button>
          </div>
        ) : total === 0 ? (
          <p className="blank">{t("people.noMatch")}</p>
        ) : (
          <PeopleTable
            items={items}
            {...(state.id === undefined ? {} : { selected: state.id })}
            onSelect={(id) => { change({ id }); }}
            onEnd={() => {
              if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
            }}
          />
        )}
      </div>
      <aside className="preview" aria-label={t("people.selected")} tabIndex={0}>
        {selected ? (
          <PersonPanel key={selected.id} person={selected} at={at} isMe={selected.id === me?.person_id} />
        ) : (
          <p className="blank">{t("people.none")}</p>
        )}
      </aside>
      <Dialog title={t("people.add")} isOpen={isInviting} onClose={() => { setInviting(false); }}>
        <Invite at={at} onAdded={(id) => { setText(""); change({ q: undefined, id }); }} />
      </Dialog>
      <Dialog title={t("people.groups")} isOpen={isGrouping} onClose={() => { setGrouping(false); }}>
        <Groups />
      </Dialog>
    </div>
  );
}

/** Which organisation is looked at, for who may choose. */
function Where({ at, onChange }: { at: string | undefined; onChange: (at: string | undefined) => void }) {
  const { t } = useTranslation();
  const me = useMe().data;
  const mayChoose = usePermission("access.administer_node");
  const organisations = useQuery({
    queryKey: ["organisations"],
    queryFn: ({ signal }) => listOrganisations(signal),
    enabled: mayChoose,
  }).data;
  if (!me) return null;
  if (!mayChoose || !organisations || organisations.length < 2) return <strong>{me.organisation_name}</strong>;
  return (
    <Select
      label={t("people.where")}
      value={at ?? me.organisation_id}
      options={organisations.map((each) => ({ value: each.id, text: each.name }))}
      onChange={(id) => {
        onChange(id === me.organisation_id ? undefined : id);
      }}
    />
  );
}

interface PeopleTableProps {
  items: PersonShown[];
  selected?: string;
  onSelect: (id: string | undefined) => void;
  onEnd: () => void;
}

function PeopleTable({ items, selected, onSelect, onEnd }: PeopleTableProps) {
  const { t } = useTranslation();
  return (
    <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: ROW_PX, headingHeight: HEAD_PX }}>
      <Table
        aria-label={t("user.people")}
        className="table"
        selectionMode="single"
        selectionBehavior="replace"
        selectedKeys={selected === undefined ? [] : [selected]}
        onSelectionChange={(keys) => {
          if (keys !== "all") onSelect([...keys][0]?.toString());
        }}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          if (scrollHeight - scrollTop - clientHeight < 20 * ROW_PX) onEnd();
        }}
      >
        <TableHeader>
          <Column isRowHeader minWidth={160} defaultWidth="2fr">
            {t("people.column.name")}
          </Column>
          <Column minWidth={110} defaultWidth="1.2fr">
            {t("people.column.signIn")}
          </Column>
          <Column minWidth={170} defaultWidth="2.4fr">
            {t("people.column.roles")}
          </Column>
          <Column minWidth={110} defaultWidth="1.1fr">
            {t("people.column.state")}
          </Column>
          <Column minWidth={126} defaultWidth="0.8fr">
            {t("people.column.seen")}
          </Column>
        </TableHeader>
        <TableBody items={items}>
          {(person) => (
            <Row id={person.id} textValue={person.display_name}>
              <Cell className="strong">{person.display_name}</Cell>
              <Cell>{person.name}</Cell>
              <Cell>
                <Roles person={person} />
              </Cell>
              <Cell>
                <State person={person} />
              </Cell>
              <Cell>
                <Seen person={person} />
              </Cell>
            </Row>
          )}
        </TableBody>
      </Table>
    </Virtualizer>
  );
}

function Roles({ person }: { person: PersonShown }) {
  const { t } = useTranslation();
  const held = person.roles.filter((each) => !each.has_ended).map((each) => t(`role.${each.role}`));
  return held.length > 0 ? held.join(t("people.comma")) : t("people.noRole");
}

function State({ person }: { person: PersonShown }) {
  const { t } = useTranslation();
  if (person.suspended_at !== null) return <span className="wrong">{t("people.suspended")}</span>;
  if (person.kind === "service") return t("people.service");
  if (!person.has_credential) return t("people.invited");
  return t(person.has_second_factor ? "people.twoFactors" : "people.oneFactor");
}

function Seen({ person }: { person: PersonShown }) {
  const { t } = useTranslation();
  const { date } = useFormats();
  return person.last_seen_at === null ? t("people.never") : date(person.last_seen_at);
}
