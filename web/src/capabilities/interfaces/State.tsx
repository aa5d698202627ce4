import { useTranslation } from "react-i18next";
import type { MessageRow } from "../../api/types";
import { Icon } from "../../ui/icons";

/** What became of a message, told by word and sign and not by colour alone. */
export function State({ state }: { state: MessageRow["state"] }) {
  const { t } = useTranslation();
  return (
    <span className={`status state-${state}`}>
      {state === "dead" && <Icon name="warning" />}
      {state === "refused" && <Icon name="close" />}
      {t(`messages.state.${state}`)}
    </span>
  );
}
