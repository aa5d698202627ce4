/** Work orders in words for people. */
import { useTranslation } from "react-i18next";
import type { WorkOrder } from "../../api/types";
import { COUNTED } from "./kinds";

export function useWorkWords() {
  const { t } = useTranslation();
  return {
    /** What is to be done: the kind, what it is named by, and how many where it is more than one. */
    what: ({ work, stains, copies }: Pick<WorkOrder, "work" | "stains" | "copies">) =>
      [t(`orders.kind.${work}`), COUNTED.includes(work) ? "" : stains.join(", "), copies > 1 ? `× ${copies}` : ""].filter(Boolean).join(" "),
  };
}
