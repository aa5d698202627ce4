import { useTranslation } from "react-i18next";
import type { Level } from "../../api/conformity";
import { Icon } from "../../ui/icons";

/** What an element is, told by word and sign and not by colour alone. */
export function LevelMark({ level }: { level: Level }) {
  const { t } = useTranslation();
  return (
    <span className={`status level-${level}`}>
      {level === "refused" && <Icon name="close" />}
      {level === "warned" && <Icon name="warning" />}
      {t(`conformity.level.${level}`)}
    </span>
  );
}
