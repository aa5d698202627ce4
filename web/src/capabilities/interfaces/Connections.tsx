import { useTranslation } from "react-i18next";
import type { ConnectionShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { Icon } from "../../ui/icons";

interface ConnectionsProps {
  connections: readonly ConnectionShown[];
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}

/** How each line to another system stands; pressing one shows its messages only. */
export function Connections({ connections, chosen, onChoose }: ConnectionsProps) {
  const { t } = useTranslation();
  const say = useSay();
  const { dateTime, number } = useFormats();
  if (connections.length === 0) return <p className="connections second">{t("messages.noConnection")}</p>;
  return (
    <ul className="connections" aria-label={t("messages.connections")}>
      {connections.map((each) => (
        <li key={each.id}>
          <button
            type="button"
            className="connection"
            aria-pressed={each.id === chosen}
            onClick={() => { onChoose(each.id === chosen ? undefined : each.id); }}
          >
            <strong>{t(`messages.line.${each.direction}`, { name: each.name })}</strong>
            <span className="second">{each.last_at === null ? t("messages.never") : t(`messages.last.${each.direction}`, { at: dateTime(each.last_at) })}</span>
            <span className="connection-counts">
              {each.waiting > 0 && <span className="figures">{t("messages.waiting", { count: each.waiting })}</span>}
              {each.dead > 0 && (
                <span className="state-dead">
                  <Icon name="warning" />
                  {t("messages.deadCount", { number: number(each.dead) })}
                </span>
              )}
              {each.waiting === 0 && each.dead === 0 && each.failed_at === null && <span className="second">{t("messages.clear")}</span>}
            </span>
            {each.failed_at !== null && each.failure_said !== null && (
              <span className="state-dead">
                <Icon name="warning" />
                {t("messages.failing", { at: dateTime(each.failed_at), why: say(each.failure_said) })}
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
