import { useTranslation } from "react-i18next";
import { LANGUAGES, setLanguage, type Language } from "../i18n";
import { useFormats } from "../i18n/format";
import { Check, Dialog, Select } from "../ui/controls";
import { closeDialog, useDialogs } from "./dialogs";
import { usePreferences, wheelOf, type Density, type Motion, type Theme } from "./preferences";

const SPEEDS = [0.5, 1, 1.5, 2, 3] as const;

/** How one wants the screens; it holds at once, here and wherever one signs in. */
export function SettingsDialog() {
  const { t, i18n } = useTranslation();
  const { figure } = useFormats();
  const isOpen = useDialogs((state) => state.open === "settings");
  const { theme, settings, dimmed, change, setTheme, setDimmed } = usePreferences();
  const wheel = wheelOf(settings);
  return (
    <Dialog title={t("settings.title")} isOpen={isOpen} onClose={closeDialog}>
      <div className="settings">
        <Row label={t("language.label")}>
          <Select<Language>
            label={t("language.label")}
            value={i18n.language as Language}
            options={Object.entries(LANGUAGES).map(([value, text]) => ({ value: value as Language, text }))}
            onChange={(language) => {
              void setLanguage(language);
              change({ language });
            }}
          />
        </Row>
        <Row label={t("settings.theme")}>
          <Select<Theme>
            label={t("settings.theme")}
            value={theme}
            options={(["dark", "light"] as const).map((value) => ({ value, text: t(`settings.theme.${value}`) }))}
            onChange={setTheme}
          />
        </Row>
        <Row label={t("settings.density")}>
          <Select<Density | "browser">
            label={t("settings.density")}
            value={settings.density ?? "browser"}
            options={(["browser", "compact", "standard", "touch"] as const).map((value) => ({ value, text: t(`settings.density.${value}`) }))}
            onChange={(density) => { change({ density: density === "browser" ? null : density }); }}
          />
        </Row>
        <Row label={t("settings.motion")}>
          <Select<Motion | "browser">
            label={t("settings.motion")}
            value={settings.motion ?? "browser"}
            options={(["browser", "reduced", "full"] as const).map((value) => ({ value, text: t(`settings.motion.${value}`) }))}
            onChange={(motion) => { change({ motion: motion === "browser" ? null : motion }); }}
          />
        </Row>
        <Row label={t("settings.wheelSpeed")}>
          <Select<string>
            label={t("settings.wheelSpeed")}
            value={String(wheel.speed)}
            options={SPEEDS.map((speed) => ({ value: String(speed), text: `${figure(speed)}×` }))}
            onChange={(speed) => { change({ wheel: { ...wheel, speed: Number(speed) } }); }}
          />
        </Row>
        <Row label={t("settings.slowLink")}>
          <Select<"measured" | "on" | "off">
            label={t("settings.slowLink")}
            value={settings.slow_link ?? "measured"}
            options={(["measured", "on", "off"] as const).map((value) => ({ value, text: t(`settings.slowLink.${value}`) }))}
            onChange={(choice) => { change({ slow_link: choice === "measured" ? null : choice }); }}
          />
        </Row>
        <Check label={t("settings.wheelInverted")} checked={wheel.inverted} onChange={(inverted) => { change({ wheel: { ...wheel, inverted } }); }} />
        <Check label={t("settings.dimmer")} checked={dimmed} onChange={setDimmed} />
        <p className="second">{t("settings.where")}</p>
      </div>
    </Dialog>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="settings-row">
      <span>{label}</span>
      {children}
    </div>
  );
}
