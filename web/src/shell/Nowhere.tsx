import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** An address that no page has. */
export function Nowhere() {
  const { t } = useTranslation();
  return (
    <div className="blank nowhere">
      <title>{`${t("app.nowhere")} · ${t("app.name")}`}</title>
      <h1>{t("app.nowhere")}</h1>
      <Link to="/" className="button">
        {t("app.library")}
      </Link>
    </div>
  );
}
