import { useTranslation } from "react-i18next";
import { Problem, UNREACHABLE } from "../api/client";
import type { MessageKey } from "../i18n/messages";
import { isKnown } from "../i18n/known";
import { useSay } from "../i18n/sentences";

/** One sentence for a person: ours for the kinds we know, else the server's. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  const say = useSay();
  return (error) => {
    if (!(error instanceof Problem)) return t("problem.generic");
    if (error.status === UNREACHABLE) return t("problem.unreachable");
    const key = `problem.${error.code}`;
    if (isKnown<Extract<MessageKey, `problem.${string}`>>(key)) return t(key);
    return error.said ? say(error.said) : t("problem.generic");
  };
}
