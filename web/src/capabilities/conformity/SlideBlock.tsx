import "./conformity.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSay } from "../../i18n/sentences";
import { usePermission } from "../access/me";
import { slideQuery } from "./conformity_query";
import { elementOf } from "./conformity_state";
import { LevelMark } from "./LevelMark";

/** How far what is known of a slide conforms, and that it is held back where it is. */
export function SlideBlock({ id }: { id: string }) {
  const { t } = useTranslation();
  const say = useSay();
  const mayManage = usePermission("conformity.manage");
  const found = useQuery(slideQuery(id)).data;
  if (!found) return null;
  const good = found.verdicts.filter((one) => one.level === "conforming").length;
  const shown = found.verdicts.filter((one) => one.level !== "conforming");
  return (
    <section className="block">
      <h3>{t("conformity.slide")}</h3>
      {found.level === null && <p className="second">{t("conformity.slide.waiting")}</p>}
      {found.level === "refused" && <p className="held-back">{t("conformity.slide.held")}</p>}
      {found.level === "conforming" && <p className="second">{t("conformity.slide.good")}</p>}
      <ul className="verdicts">
        {shown.map((one) => {
          const name = elementOf(one.element);
          return (
            <li key={one.element} title={`${one.pointer} · ${one.source}`}>
              <span>
                {name && <strong>{t(`conformity.name.${name}`)}</strong>} <LevelMark level={one.level} />
              </span>
              <span>{say(one.said)}</span>
            </li>
          );
        })}
      </ul>
      {shown.length > 0 && good > 0 && <p className="second">{t("conformity.slide.more", { count: good })}</p>}
      {found.level === "refused" && mayManage && (
        <p>
          <Link to="/conformity" search={{}}>
            {t("conformity.slide.map")}
          </Link>
        </p>
      )}
    </section>
  );
}
