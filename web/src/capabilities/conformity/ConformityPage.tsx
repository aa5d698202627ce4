import "./conformity.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { conformityFile, type Level } from "../../api/conformity";
import { useFormats } from "../../i18n/format";
import { FileButton } from "../../shell/FileButton";
import { useProblemText } from "../../shell/problem";
import { usePermission } from "../access/me";
import { elementOf, LEVELS, type ConformityState } from "./conformity_state";
import { reportQuery, slidesQuery } from "./conformity_query";
import { Counts } from "./Counts";
import { Mappings } from "./Mappings";
import { UnknownWords } from "./UnknownWords";

/** The slides behind a figure. */
function Found({ level, element }: { level: Level; element: ConformityState["element"] }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const problemText = useProblemText();
  const found = useQuery(slidesQuery(level, element));
  return (
    <>
      <h2 className="found-head">
        {t("conformity.found", { element: t(element === undefined ? "conformity.all" : `conformity.name.${element}`), level: t(`conformity.level.${level}`) })}
      </h2>
      {found.error && <p role="alert">{problemText(found.error)}</p>}
      {found.data?.length === 0 && <p className="blank">{t("conformity.found.empty")}</p>}
      <ul className="found">
        {found.data?.map((slide) => (
          <li key={slide.id}>
            <Link to="/slides/$id" params={{ id: slide.id }}>
              {slide.name}
            </Link>
            <span className="second">{[slide.organ, slide.stain, dateTime(slide.created_at)].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How far the metadata of an organisation conform, which words nobody mapped, and what words stand for. */
export function ConformityPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const state = useSearch({ from: "/conformity" });
  const mayView = usePermission("conformity.view");
  const mayManage = usePermission("conformity.manage");
  const report = useQuery({ ...reportQuery, enabled: mayView });
  const choose = (level: Level, element: ConformityState["element"]) =>
    void navigate({ to: "/conformity", replace: true, search: element === undefined ? { level } : { level, element } });
  if (!mayView) return <p className="blank">{t("conformity.notYours")}</p>;
  const judged = report.data ? LEVELS.reduce((sum, level) => sum + (report.data.slides[level] ?? 0), 0) : null;
  return (
    <div className="conformity">
      <title>{`${t("conformity.title")} · ${t("app.name")}`}</title>
      <div className="conformity-main" tabIndex={0} role="region" aria-label={t("conformity.title")}>
        <div className="conformity-head">
          <h1>{t("conformity.title")}</h1>
          <FileButton path={conformityFile("report")} name="conformity.csv">{t("conformity.csv")}</FileButton>
        </div>
        {report.error && <p role="alert">{problemText(report.error)}</p>}
        {judged === 0 && <p className="second">{t("conformity.empty")}</p>}
        <UnknownWords editable={mayManage} />
        {report.data && judged !== 0 && (
          <Counts
            caption={t("conformity.elements")}
            first={t("conformity.element")}
            rows={[report.data.slides, ...report.data.elements.filter((row) => LEVELS.some((level) => row[level] > 0))]}
            nameOf={(row) => {
              const name = elementOf(row.name);
              return t(name === undefined ? "conformity.all" : `conformity.name.${name}`);
            }}
            onChoose={(row, level) => { choose(level, elementOf(row.name)); }}
            chosen={state}
          />
        )}
        {report.data && report.data.months.length > 0 && (
          <Counts caption={t("conformity.months")} first={t("conformity.month")} rows={report.data.months} nameOf={(row) => row.name} />
        )}
        <Mappings editable={mayManage} />
      </div>
      <aside className="preview" aria-label={t("conformity.slides")} tabIndex={0}>
        {state.level === undefined ? <p className="blank">{t("conformity.found.none")}</p> : <Found level={state.level} element={state.element} />}
      </aside>
    </div>
  );
}
