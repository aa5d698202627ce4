import { useNavigate } from "@tanstack/react-router";
import { usePermission } from "../capabilities/access/me";
import { LANGUAGES, setLanguage, type Language } from "../i18n";
import { useTranslation } from "react-i18next";
import { useLentActions } from "./actions";
import { useDialogs } from "./dialogs";
import { usePreferences } from "./preferences";

/** What can be done on every page. */
export function ShellActions() {
  const navigate = useNavigate();
  const { i18n } = useTranslation();
  const { theme, dimmed, setTheme, setDimmed, change } = usePreferences();
  const mayAudit = usePermission("audit.read");
  const mayCases = usePermission("cases.view");
  const mayTurnaround = usePermission("cases.view_turnaround");
  const mayRescreen = usePermission("quality.view");
  const mayConformity = usePermission("conformity.view");
  const mayModels = usePermission("models.view");
  const mayRun = usePermission("inference.run");
  const mayViewShadow = usePermission("inference.view_shadow");
  const mayTriage = usePermission("triage.view");
  const mayCustody = usePermission("custody.view");
  const mayStations = usePermission("custody.manage");
  const mayMessages = usePermission("interfaces.view");
  const mayApps = usePermission("apps.manage");
  const mayAdminister = usePermission("access.administer");
  const other = (Object.keys(LANGUAGES) as Language[]).find((language) => language !== i18n.language) ?? "en";
  useLentActions("shell", [
    { name: "app.library", run: () => void navigate({ to: "/", search: {} }) },
    ...(mayCases ? [{ name: "worklist.title" as const, run: () => void navigate({ to: "/worklist", search: { queue: "open" } }) }] : []),
    ...(mayCases ? [{ name: "orders.bench" as const, run: () => void navigate({ to: "/orders", search: { list: "open" } }) }] : []),
    ...(mayTurnaround ? [{ name: "turnaround.title" as const, run: () => void navigate({ to: "/turnaround", search: {} }) }] : []),
    ...(mayRescreen ? [{ name: "quality.title" as const, run: () => void navigate({ to: "/rescreening", search: { list: "to_read" } }) }] : []),
    ...(mayRescreen ? [{ name: "drift.title" as const, run: () => void navigate({ to: "/scanners", search: {} }) }] : []),
    ...(mayCustody
      ? [
          { name: "custody.bench" as const, run: () => void navigate({ to: "/bench" }) },
          { name: "custody.where" as const, run: () => void navigate({ to: "/where" }) },
          { name: "custody.containers" as const, run: () => void navigate({ to: "/containers", search: {} }) },
          { name: "custody.keeping" as const, run: () => void navigate({ to: "/keeping" }) },
        ]
      : []),
    ...(mayStations ? [{ name: "custody.stations" as const, run: () => void navigate({ to: "/stations" }) }] : []),
    { name: "settings.title", run: () => { useDialogs.setState({ open: "settings" }); } },
    { name: theme === "dark" ? "theme.toLight" : "theme.toDark", run: () => { setTheme(theme === "dark" ? "light" : "dark"); } },
    {
      name: "language.other",
      run: () => {
        void setLanguage(other);
        change({ language: other });
      },
    },
    { name: dimmed ? "dimmer.off" : "dimmer.on", run: () => { setDimmed(!dimmed); } },
    { name: "user.account", run: () => void navigate({ to: "/account" }) },
    ...(mayAudit ? [{ name: "audit.open" as const, run: () => void navigate({ to: "/audit" }) }] : []),
    ...(mayConformity ? [{ name: "user.conformity" as const, run: () => void navigate({ to: "/conformity", search: {} }) }] : []),
    ...(mayModels ? [{ name: "user.models" as const, run: () => void navigate({ to: "/models", search: {} }) }] : []),
    ...(mayRun ? [{ name: "user.runs" as const, run: () => void navigate({ to: "/runs" }) }] : []),
    ...(mayModels && mayViewShadow ? [{ name: "comparison.title" as const, run: () => void navigate({ to: "/comparison", search: {} }) }] : []),
    ...(mayTriage ? [{ name: "triage.title" as const, run: () => void navigate({ to: "/triage", search: {} }) }] : []),
    ...(mayMessages ? [{ name: "user.messages" as const, run: () => void navigate({ to: "/messages", search: {} }) }] : []),
    ...(mayApps ? [{ name: "user.apps" as const, run: () => void navigate({ to: "/apps" }) }] : []),
    ...(mayAdminister ? [{ name: "user.people" as const, run: () => void navigate({ to: "/people" }) }] : []),
  ]);
  return null;
}
