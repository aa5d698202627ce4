import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Button as AriaButton, ComboBox, Input, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { csvUrl } from "../../api/audit";
import { Button, Select } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { usePermission } from "../access/me";
import { filterOf, targetOf, type AuditState } from "./audit_state";
import { choicesQuery } from "./entries_query";
import { short, useWords } from "./words";

export type Change = (patch: { [K in keyof AuditState]?: AuditState[K] | undefined }) => void;

const ALL = "";

function Day({ label, value, onChange }: { label: string; value: string | undefined; onChange: (day: string | undefined) => void }) {
  return (
    <label className="field">
      <span className="second">{label}</span>
      <input className="input" type="date" value={value ?? ""} onChange={(event) => { onChange(event.target.value || undefined); }} />
    </label>
  );
}

function Person({ person, people, onChange }: { person: string | undefined; people: Record<string, string | null>; onChange: (person: string | undefined) => void }) {
  const { t } = useTranslation();
  const text = (id: string) => people[id] ?? t("audit.unnamed", { id: short(id) });
  // Somebody who was looked for by a link may be no choice here; they are shown all the same.
  const shown = person === undefined || person in people ? people : { ...people, [person]: null };
  return (
    <ComboBox
      className="combo"
      aria-label={t("audit.person")}
      menuTrigger="focus"
      value={person ?? null}
      onChange={(key) => { onChange(key === null ? undefined : String(key)); }}
    >
      <Input className="input" placeholder={t("audit.person.any")} />
      <AriaButton className="button quiet icon">▾</AriaButton>
      <Popover className="popover" offset={4}>
        <ListBox className="options" renderEmptyState={() => <span className="option second">{t("audit.person.none")}</span>}>
          {Object.keys(shown).map((id) => (
            <ListBoxItem key={id} id={id} textValue={text(id)} className="option">
              <span>{text(id)}</span>
              <span className="second">{short(id)}</span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

function Slide({ target, onChange }: { target: string | undefined; onChange: (target: string | undefined) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(target ?? "");
  useEffect(() => { setTyped(target ?? ""); }, [target]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange(targetOf(typed));
      }}
    >
      <input
        className="input"
        aria-label={t("audit.target")}
        placeholder={t("audit.target.hint")}
        value={typed}
        onChange={(event) => { setTyped(event.target.value); }}
        onBlur={() => { onChange(targetOf(typed)); }}
      />
    </form>
  );
}

export function FilterBar({ state, change, count }: { state: AuditState; change: Change; count: string }) {
  const { t } = useTranslation();
  const words = useWords();
  const mayExport = usePermission("audit.export");
  const { data: choices } = useQuery(choicesQuery);
  const actions = choices?.actions ?? [];
  const wanted = state.action ? [...new Set([...actions, state.action])].sort() : actions;
  const filtered = Object.keys(filterOf(state)).length > 0;
  return (
    <div className="toolbar audit-filter" role="search" aria-label={t("audit.filter")}>
      <Day label={t("audit.from")} value={state.from} onChange={(from) => { change({ from }); }} />
      <Day label={t("audit.to")} value={state.to} onChange={(to) => { change({ to }); }} />
      <Person person={state.person} people={choices?.people ?? {}} onChange={(person) => { change({ person }); }} />
      <Select
        label={t("audit.action")}
        value={state.action ?? ALL}
        options={[{ value: ALL, text: t("audit.action.any") }, ...wanted.map((value) => ({ value, text: words.action(value) }))]}
        onChange={(action) => { change({ action: action || undefined }); }}
      />
      <Select
        label={t("audit.purpose")}
        value={state.for ?? ALL}
        options={[{ value: ALL, text: t("audit.purpose.any") }, ...(choices?.purposes ?? []).map((value) => ({ value, text: words.purpose(value) }))]}
        onChange={(purpose) => { change({ for: purpose || undefined }); }}
      />
      <Select
        label={t("audit.outcome")}
        value={state.outcome ?? ALL}
        options={[
          { value: ALL, text: t("audit.outcome.any") },
          ...(["done", "refused", "failed"] as const).map((value) => ({ value, text: t(`audit.outcome.${value}`) })),
        ]}
        onChange={(outcome) => { change({ outcome: outcome || undefined }); }}
      />
      <Slide target={state.target} onChange={(target) => { if (target !== state.target) change({ target }); }} />
      {state.flag && (
        <Button icon="close" onPress={() => { change({ flag: undefined }); }}>
          {t("audit.ofFlag")}
        </Button>
      )}
      {filtered && (
        <Button
          look="quiet"
          onPress={() => {
            change({ from: undefined, to: undefined, action: undefined, outcome: undefined, person: undefined, for: undefined, target: undefined, flag: undefined });
          }}
        >
          {t("audit.clear")}
        </Button>
      )}
      <span className="spring" />
      <span className="second" role="status">
        {count}
      </span>
      {mayExport && (
        <a className="button" href={csvUrl(filterOf(state))} download>
          <Icon name="download" />
          {t("audit.csv")}
        </a>
      )}
    </div>
  );
}
