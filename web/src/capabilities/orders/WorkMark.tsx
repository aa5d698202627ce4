import { useTranslation } from "react-i18next";
import type { WorkState } from "../../api/types";

const SHAPES: Record<WorkState, string> = { requested: "○", accepted: "◐", in_progress: "◑", done: "●", rejected: "✕", cancelled: "–" };

/** How far work is, told by shape and word and not by colour alone. */
export function WorkMark({ state }: { state: WorkState }) {
  const { t } = useTranslation();
  return (
    <span className={`work-mark ${state}`}>
      <span aria-hidden="true">{SHAPES[state]}</span> {t(`orders.state.${state}`)}
    </span>
  );
}
