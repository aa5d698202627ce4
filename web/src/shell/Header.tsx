import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useMe, usePermission } from "../capabilities/access/me";
import { LANGUAGES, setLanguage, type Language, withTexts } from "../i18n";
import { IconButton, Select } from "../ui/controls";
import { useHeaderSlot } from "./header_slot";
import { usePreferences } from "./preferences";

const UserMenu = lazy(() => withTexts(import("../capabilities/access/UserMenu"), "menus").then((loaded) => ({ default: loaded.UserMenu })));

export function Header() {
  const { t, i18n } = useTranslation();
  const isSignedIn = useMe().data !== undefined;
  const { theme, setTheme, change } = usePreferences();
  const mayAudit = usePermission("audit.read");
  const mayCases = usePermission("cases.view");
  const mayWork = usePermission("orders.process");
  const attach = useHeaderSlot((state) => state.attach);
  return (
    <header className="header">
      <Link to="/" className="mark" aria-label={`${t("app.name")}: ${t("app.library")}`}>
        <img src="/icon.svg" alt="" width="20" height="20" />
        <span>{t("app.name")}</span>
      </Link>
      <div className="header-slot" ref={attach} />
      {mayCases && (
        <Link to="/worklist" search={{ queue: "open" }} className="button quiet">
          {t("worklist.title")}
        </Link>
      )}
      {mayWork && (
        <Link to="/orders" search={{ list: "open" }} className="button quiet">
          {t("orders.bench")}
        </Link>
      )}
      {mayAudit && (
        <Link to="/audit" className="button quiet">
          {t("audit.open")}
        </Link>
      )}
      <div className="choice">
        <Select<Language>
          label={t("language.label")}
          value={i18n.language as Language}
          options={Object.entries(LANGUAGES).map(([value, text]) => ({ value: value as Language, text }))}
          onChange={(language) => {
            void setLanguage(language);
            change({ language });
          }}
        />
        <IconButton
          icon={theme === "dark" ? "sun" : "moon"}
          label={theme === "dark" ? t("theme.toLight") : t("theme.toDark")}
          onPress={() => {
            setTheme(theme === "dark" ? "light" : "dark");
          }}
        />
      </div>
      {isSignedIn && (
        <Suspense fallback={<span className="user-place" />}>
          <UserMenu />
        </Suspense>
      )}
    </header>
  );
}
