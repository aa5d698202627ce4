import { useTranslation } from "react-i18next";
import { Dialog } from "../../../ui/controls";
import { KEY_MAP } from "../../../viewer/keys";

const LIBRARY_KEYS = [
  ["keys.next", "J ↓"],
  ["keys.previous", "K ↑"],
  ["keys.open", "Enter"],
  ["keys.search", "/"],
  ["keys.ends", "Home  End"],
] as const;

const isDrawing = (action: string) => action.startsWith("tool.") || action.startsWith("annotate.");

export function KeyMap({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const row = ({ action, keys }: (typeof KEY_MAP)[number]) => (
    <div key={action}>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{t(action === "library" ? "keys.escape" : `keys.${action}`)}</dd>
    </div>
  );
  return (
    <Dialog title={t("keys.title")} isOpen={isOpen} onClose={onClose}>
      {/* On a small screen it scrolls, and then keys must reach it. */}
      <div className="key-map" tabIndex={0}>
        <section>
          <h3>{t("keys.viewer")}</h3>
          <dl>
            {KEY_MAP.filter(({ action }) => !isDrawing(action)).map(row)}
          </dl>
          <p className="second">{t("keys.scale")}</p>
        </section>
        <section>
          <h3>{t("keys.annotate")}</h3>
          <dl>{KEY_MAP.filter(({ action }) => isDrawing(action)).map(row)}</dl>
        </section>
        <section>
          <h3>{t("keys.library")}</h3>
          <dl>
            {LIBRARY_KEYS.map(([key, keys]) => (
              <div key={key}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{t(key)}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
