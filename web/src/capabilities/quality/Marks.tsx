/** How far a reread is and how grave a difference, told by shape and word and not by colour alone. */
import { useTranslation } from "react-i18next";
import type { Gravity, RereadState } from "../../api/types";

const SHAPES: Record<RereadState, string> = { waiting: "○", reading: "◐", agreed: "●", disputed: "◇", arbitration: "◈", decided: "◆", void: "–" };
const WEIGHTS: Record<Gravity, string> = { none: "=", minor: "▵", major: "▲" };

export function StateMark({ state }: { state: RereadState }) {
  const { t } = useTranslation();
  return (
    <span className={`reread-mark ${state}`}>
      <span aria-hidden="true">{SHAPES[state]}</span> {t(`quality.state.${state}`)}
    </span>
  );
}

export function GravityMark({ gravity }: { gravity: Gravity }) {
  const { t } = useTranslation();
  return (
    <span className={`gravity ${gravity}`}>
      <span aria-hidden="true">{WEIGHTS[gravity]}</span> {t(`quality.gravity.${gravity}`)}
    </span>
  );
}
