import { useTranslation } from "react-i18next";
import { Problem, UNREACHABLE } from "../api/client";
import { en, type MessageKey } from "../i18n/en";

/** One sentence for a person: ours for the kinds we know, else the server's. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof Problem)) return t("problem.generic");
    if (error.status === UNREACHABLE) return t("problem.unreachable");
    const key = `problem.${error.code}`;
    if (key in en) return t(key as Extract<MessageKey, `problem.${string}`>);
    return error.message || t("problem.generic");
  };
}
