/** Which models the laboratory has, and what each may be used for. */
import "./models.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ModelRow } from "../../api/types";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { usePermission } from "../access/me";
import { listQuery, modelQuery } from "./models_query";
import { AddModel } from "./AddModel";
import { Encoders } from "./Encoders";
import { ModelPanel } from "./ModelPanel";

function Row({ row, chosen }: { row: ModelRow; chosen: boolean }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const name = said(row.name, row.name_zh);
  return (
    <li>
      <Link to="/models" search={{ version: row.id }} aria-current={chosen ? "true" : undefined}>
        <span className="name">{name}</span>
        <span className={`model-status ${row.status}`}>{t(`models.status.${row.status}`)}</span>
        <span className="second">
          {t(`models.task.${row.task}`)} · {row.version}
        </span>
        <span className="second">{row.publisher}</span>
        {row.awaits_acceptance && <span className="waits">{t("models.licence.waits")}</span>}
      </Link>
    </li>
  );
}

function Chosen({ id }: { id: string }) {
  const problemText = useProblemText();
  const found = useQuery(modelQuery(id));
  if (found.error) return <p role="alert">{problemText(found.error)}</p>;
  return found.data ? <ModelPanel key={id} model={found.data} /> : null;
}

export function ModelsPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { version, add } = useSearch({ from: "/models" });
  const mayView = usePermission("models.view");
  const mayAdd = usePermission("models.manage");
  const mayCompare = usePermission("inference.view_shadow");
  const list = useQuery({ ...listQuery, enabled: mayView });
  if (!mayView) return <p className="blank">{t("models.notYours")}</p>;
  return (
    <div className="models">
      <title>{`${t("models.title")} · ${t("app.name")}`}</title>
      <nav className="models-list" aria-label={t("models.list")} tabIndex={0}>
        <h1>{t("models.title")}</h1>
        {list.error && <p role="alert">{problemText(list.error)}</p>}
        {list.data?.length === 0 && <p className="second">{t("models.empty")}</p>}
        <ul>
          {list.data?.map((row) => (
            <Row key={row.id} row={row} chosen={row.id === version} />
          ))}
          <li>
            <Link to="/models" search={{}} activeOptions={{ exact: true }} aria-current={version || add ? undefined : "true"}>
              <span className="name">{t("models.encoders.title")}</span>
            </Link>
          </li>
          {mayAdd && (
            <li>
              <Link to="/models" search={{ add: "archive" }} aria-current={!version && add ? "true" : undefined}>
                <span className="name">{t("models.add.title")}</span>
              </Link>
            </li>
          )}
          {mayCompare && (
            <li>
              <Link to="/comparison" search={{}}>
                <span className="name">{t("comparison.title")}</span>
              </Link>
            </li>
          )}
        </ul>
      </nav>
      <div className="models-main" role="region" aria-label={t("models.title")} tabIndex={0}>
        {version ? <Chosen id={version} /> : add && mayAdd ? <AddModel /> : <Encoders />}
      </div>
    </div>
  );
}
