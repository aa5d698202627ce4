/** Answers, and what differs between versions, in words for people. */
import { useTranslation } from "react-i18next";
import type { ReportElement, ReportValue } from "../../api/types";
import { THIN_SPACE } from "../../i18n/format";
import { inWords } from "./form";

/** An answer as people read it, in the language of the screen. */
export function useAnswerText(): (element: ReportElement, value: ReportValue) => string {
  const { t, i18n } = useTranslation();
  const option = (element: ReportElement, id: string) => {
    const found = element.options.find((one) => one.id === id);
    return found ? inWords(found.label, i18n.language) : id;
  };
  return (element, value) => {
    if (typeof value === "boolean") return t(value ? "report.yes" : "report.no");
    if (typeof value === "number") return `${value}${element.unit ? `${THIN_SPACE}${element.unit}` : ""}`;
    if (Array.isArray(value)) return value.map((one) => option(element, one)).join(t("report.between"));
    return element.kind === "choice" ? option(element, value) : value;
  };
}
