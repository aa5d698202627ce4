/** Places, stages and results in words for people. */
import { useTranslation } from "react-i18next";
import type { CustodyEvent, CustodyPlace } from "../../api/types";
import type { MessageKey } from "../../i18n/messages";
import { isKnown } from "../../i18n/known";

/** Part, block and slide of an identifier; the whole code of a container. */
export const shortCode = (code: string) => (code.includes("/") ? code.slice(code.indexOf("/") + 1) : code);

export function useCustodyWords() {
  const { t } = useTranslation();
  const stage = (value: string) => {
    const key = `cases.stage.${value}`;
    return isKnown<Extract<MessageKey, `cases.stage.${string}`>>(key) ? t(key) : value;
  };
  const place = ({ point, container, container_name: name, slot, holder }: CustodyPlace) => {
    if (holder) return t("custody.place.lent", { to: holder });
    const said = point || name || container;
    return slot === null ? said : t("custody.place.slot", { place: said, slot });
  };
  return {
    stage,
    place,
    kind: (value: string) => {
      const key = (["part", "block", "slide"].includes(value) ? `cases.kind.${value}` : `custody.container.${value}`) as "custody.container.rack";
      return isKnown<typeof key>(key) ? t(key) : value;
    },
    path: (path: readonly CustodyPlace[]) => path.map(place).filter(Boolean).join(" / "),
    /** What an event did, in few words: the new stage, or the new place. */
    deed: (event: CustodyEvent) => {
      const what = t(`custody.action.${event.action}`);
      // The act says already what became of it.
      if (event.action === "lose" || event.action === "break") return what;
      const to = event.before !== event.after && !event.refused ? stage(event.after) : place(event.after_place);
      return to && !event.refused ? `${what}: ${to}` : what;
    },
  };
}
