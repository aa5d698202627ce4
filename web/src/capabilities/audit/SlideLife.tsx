/** What happened to the slide whose entries are listed below, in figures, and who opened it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { usePermission } from "../access/me";
import type { Change } from "./FilterBar";
import { lifeQuery } from "./entries_query";
import { short, useWords } from "./words";

export function SlideLife({ id, change }: { id: string; change: Change }) {
  const { t } = useTranslation();
  const words = useWords();
  const problemText = useProblemText();
  const { number, dateTime } = useFormats();
  const mayView = usePermission("slides.view");
  const { data: life, error } = useQuery(lifeQuery(id));
  return (
    <section className="slide-life" aria-label={t("audit.life", { id: short(id) })}>
      <div className="slide-life-head">
        <h2>{t("audit.life", { id: short(id) })}</h2>
        {mayView && (
          <Link to="/slides/$id" params={{ id }}>
            {t("library.open")}
          </Link>
        )}
      </div>
      {error && <p role="alert">{problemText(error)}</p>}
      {life && (
        <>
          <ul className="counts">
            {Object.entries(life.actions).map(([action, count]) => (
              <li key={action}>
                <strong>{number(count)}</strong> {words.action(action)}
              </li>
            ))}
            {life.refused > 0 && (
              <li className="outcome-refused">
                <strong>{number(life.refused)}</strong> {t("audit.outcome.refused")}
              </li>
            )}
          </ul>
          {life.viewers.length === 0 ? (
            <p className="second">{t("audit.life.unseen")}</p>
          ) : (
            <table>
              <caption>{t("audit.life.seenBy")}</caption>
              <thead>
                <tr>
                  <th scope="col">{t("audit.column.person")}</th>
                  <th scope="col" className="figures">{t("audit.life.openings")}</th>
                  <th scope="col">{t("audit.life.last")}</th>
                </tr>
              </thead>
              <tbody>
                {life.viewers.map((viewer) => (
                  <tr key={viewer.person}>
                    <td>
                      <button type="button" className="link" onClick={() => { change({ person: viewer.person }); }}>
                        {words.person(viewer.person, { [viewer.person]: viewer.name })}
                      </button>
                    </td>
                    <td className="figures">{number(viewer.openings)}</td>
                    <td>{dateTime(viewer.last_at)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
  );
}
