/** That further work of a case is open, on its row of the worklist. */
import "./orders.css";
import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/icons";
import { useWorkCounts } from "./use_work";

export function OpenWork({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const many = useWorkCounts()?.by_case[caseId] ?? 0;
  if (many === 0) return null;
  const text = t("orders.open", { count: many });
  return (
    <span className="open-work" title={text}>
      <Icon name="history" />
      <span aria-hidden="true">{many}</span>
      <span className="visually-hidden">{text}</span>
    </span>
  );
}
