/** The languages of the app; keys are checked by the compiler. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
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

/** Chinese is fetched by those who read it. */
async function load(language: Language): Promise<void> {
  if (language === "en" || i18next.hasResourceBundle(language, "translation")) return;
  const [{ zh }, { sentences }] = await Promise.all([import("./zh"), import("./sentences.zh")]);
  learnSentences(sentences);
  i18next.addResourceBundle(language, "translation", zh);
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await load(language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export async function startLanguages(): Promise<void> {
  const language = firstLanguage();
  document.documentElement.lang = language;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { en: { translation: en } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
  await load(language);
}
