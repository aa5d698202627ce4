import { useState } from "react";
import { useTranslation } from "react-i18next";
import { proofUrl, rawUrl } from "../../api/audit";
import type { AuditEntry } from "../../api/types";
import type { MessageKey } from "../../i18n/messages";
import { isKnown } from "../../i18n/known";
import { useFormats } from "../../i18n/format";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { useMe, usePermission } from "../access/me";
import { EraseDialog } from "./EraseDialog";
import { Outcome } from "./Entries";
import type { Change } from "./FilterBar";
import { useWords } from "./words";

type Names = Record<string, string | null>;
type PersonalKey = Extract<MessageKey, `audit.personal.${string}`>;

function Personal({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const told = Object.entries(entry.personal);
  if (entry.erased)
    return (
      <p className="erased">
        <Icon name="close" />
        {t("audit.erased")}
      </p>
    );
  if (told.length === 0) return <p className="second">{t("audit.personal.none")}</p>;
  return (
    <dl className="facts">
      {told.map(([name, value]) => {
        const key = `audit.personal.${name}`;
        return (
          <div key={name}>
            <dt>{isKnown<PersonalKey>(key) ? t(key) : name}</dt>
            <dd>{value}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function Proof({ index }: { index: number }) {
  const { t } = useTranslation();
  const mayExport = usePermission("audit.export");
  const raw = `entry-${index}.json`;
  const proof = `entry-${index}.tlog-proof`;
  return (
    <section className="block">
      <h3>{t("audit.proof")}</h3>
      <p className="second">{t("audit.proof.what")}</p>
      <div className="actions">
        <a className="button" href={proofUrl(index)} download={proof}>
          <Icon name="download" />
          {t("audit.proof.download")}
        </a>
        {mayExport && (
          <a className="button" href={rawUrl(index)} download={raw}>
            <Icon name="download" />
            {t("audit.proof.raw")}
          </a>
        )}
      </div>
      <details>
        <summary>{t("audit.proof.how")}</summary>
        <p className="second">{t("audit.proof.steps")}</p>
        <code className="command" tabIndex={0}>{`hemalum-verify proof ${proof} --log VKEY --entry ${raw}`}</code>
      </details>
    </section>
  );
}

export function EntryPanel({ entry, names, change }: { entry: AuditEntry | undefined; names: Names; change: Change }) {
  const { t } = useTranslation();
  const words = useWords();
  const { dateTime } = useFormats();
  const me = useMe().data?.person_id;
  const mayErase = usePermission("audit.erase");
  const [erasing, setErasing] = useState<string | null>(null);
  if (!entry)
    return (
      <aside className="preview" aria-label={t("audit.entry")} tabIndex={0}>
        <p className="blank">{t("audit.entry.none")}</p>
      </aside>
    );
  const { person, target } = entry;
  const facts: [string, string][] = [
    [t("audit.column.at"), dateTime(entry.at)],
    [t("audit.fact.number"), String(entry.index)],
    [t("audit.fact.organisation"), entry.organisation ?? ""],
    [t("audit.fact.roles"), words.roles(entry.roles)],
    [t("audit.fact.strong"), person ? t(entry.strong ? "audit.yes" : "audit.no") : ""],
    [t("audit.fact.session"), entry.session ?? ""],
    [t("audit.column.purpose"), entry.purpose ? words.purpose(entry.purpose) : ""],
    [t("audit.column.target"), target || words.targetOf(entry, names)],
    [t("audit.fact.owner"), entry.owner ?? ""],
  ];
  const shown = { ...names, ...(entry.subject ? { [entry.subject]: entry.personal["name"] ?? names[entry.subject] ?? null } : {}) };
  return (
    <aside className="preview" aria-label={t("audit.entry")} tabIndex={0}>
      <div className="preview-head">
        <h2>{words.action(entry.action)}</h2>
        <p>
          {words.person(person, shown, entry.action)} <Outcome outcome={entry.outcome} />
        </p>
        <div className="actions">
          {person && (
            <Button onPress={() => { change({ person, target: undefined }); }}>{t("audit.followPerson")}</Button>
          )}
          {target && (
            <Button onPress={() => { change({ target, person: undefined, action: undefined }); }}>
              {t(target.startsWith("image/") ? "audit.followSlide" : "audit.followTarget")}
            </Button>
          )}
        </div>
      </div>
      <section className="block">
        <dl className="facts">
          {facts.map(([name, value]) =>
            value ? (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ) : null,
          )}
        </dl>
      </section>
      <section className="block">
        <h3>{t("audit.personal")}</h3>
        <Personal entry={entry} />
        {mayErase && person && person !== me && !entry.erased && (
          <Button look="quiet" onPress={() => { setErasing(person); }}>
            {t("audit.erase")}
          </Button>
        )}
      </section>
      {Object.keys(entry.detail).length > 0 && (
        <section className="block">
          <h3>{t("audit.detail")}</h3>
          <dl className="properties">
            {Object.entries(entry.detail).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <Proof index={entry.index} />
      {erasing && <EraseDialog person={erasing} name={words.person(erasing, shown)} onClose={() => { setErasing(null); }} />}
    </aside>
  );
}
