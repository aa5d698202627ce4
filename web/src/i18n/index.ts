/** The languages of the app; keys are checked by the compiler. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { en, MessageKey } from "./en";
import { learnSentences } from "./sentences";

export const LANGUAGES = { en: "English", "zh-CN": "中文" } as const;
export type Language = keyof typeof LANGUAGES;

declare module "i18next" {
  interface CustomTypeOptions {
    keySeparator: false;
    nsSeparator: false;
    returnNull: false;
    resources: { translation: typeof en };
  }
}

const STORED = "hemalum.language";

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh-CN") return stored;
  return navigator.languages.some((language) => language.toLowerCase().startsWith("zh")) ? "zh-CN" : "en";
}

/** Each language is fetched by those who read it. */
async function textsOf(language: Language): Promise<Partial<Record<MessageKey, string>>> {
  if (language === "en") return (await import("./en")).en;
  // Without it, what the server says stays English.
  learnChinese().catch(() => undefined);
  return (await import("./zh")).zh;
}

/** What the server says comes after what the app says; whatever of it is on the screen by then is said anew. */
async function learnChinese(): Promise<void> {
  learnSentences((await import("./sentences.zh")).sentences);
  i18next.emit("languageChanged", i18next.language);
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  if (!i18next.hasResourceBundle(language, "translation")) i18next.addResourceBundle(language, "translation", await textsOf(language));
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export async function startLanguages(): Promise<void> {
  const language = firstLanguage();
  document.documentElement.lang = language;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: await textsOf(language) } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
}
