import "./audit.css";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { usePermission } from "../access/me";
import { TABS, type Tab as TabName } from "./audit_state";
import { BrokenGlass } from "./BrokenGlass";
import { Entries } from "./Entries";
import type { Change } from "./FilterBar";
import { Flags } from "./Flags";

export function AuditPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const state = useSearch({ from: "/audit" });
  const mayRead = usePermission("audit.read");
  const mayReview = usePermission("audit.review");
  const change: Change = useCallback(
    (patch) =>
      void navigate({
        to: "/audit",
        replace: Object.keys(patch).every((name) => name === "entry"),
        search: (before) => Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined)),
      }),
    [navigate],
  );
  if (!mayRead) return <p className="blank">{t("audit.notYours")}</p>;
  const tabs = TABS.filter((tab) => tab !== "glass" || mayReview);
  return (
    <div className="audit">
      <title>{`${t("audit.title")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("audit.title")}</h1>
      <Tabs
        selectedKey={state.tab ?? "entries"}
        onSelectionChange={(tab) => { change({ tab: tab === "entries" ? undefined : (tab as TabName) }); }}
      >
        <TabList aria-label={t("audit.title")} className="tabs">
          {tabs.map((tab) => (
            <Tab key={tab} id={tab} className="tab">
              {t(`audit.tab.${tab}`)}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="entries" className="audit-panel">
          <Entries state={state} change={change} />
        </TabPanel>
        <TabPanel id="flags" className="audit-panel">
          <Flags change={change} />
        </TabPanel>
        {mayReview && (
          <TabPanel id="glass" className="audit-panel">
            <BrokenGlass change={change} />
          </TabPanel>
        )}
      </Tabs>
    </div>
  );
}
