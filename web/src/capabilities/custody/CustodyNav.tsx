import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePermission } from "../access/me";

const PAGES = [
  { to: "/bench", name: "custody.bench", needs: "custody.view" },
  { to: "/where", name: "custody.where", needs: "custody.view" },
  { to: "/containers", name: "custody.containers", needs: "custody.view" },
  { to: "/keeping", name: "custody.keeping", needs: "custody.view" },
  { to: "/stations", name: "custody.stations", needs: "custody.manage" },
] as const;

/** From one page of custody to the others. */
export function CustodyNav() {
  const { t } = useTranslation();
  const may = { "custody.view": usePermission("custody.view"), "custody.manage": usePermission("custody.manage") };
  return (
    <nav className="custody-nav" aria-label={t("custody.pages")}>
      {PAGES.filter(({ needs }) => may[needs]).map(({ to, name }) => (
        <Link key={to} to={to} className="button quiet" activeProps={{ "aria-current": "page" }}>
          {t(name)}
        </Link>
      ))}
    </nav>
  );
}
