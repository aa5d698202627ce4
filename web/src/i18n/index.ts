/** The languages of the app. Texts are fetched by parts, each with the pages that show it. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { MessageKey, Messages, Part } from "./messages";
import { learnSentences } from "./sentences";

export const LANGUAGES = { en: "English", "zh-CN": "中文" } as const;
export type Language = keyof typeof LANGUAGES;
export type Texts = Partial<Record<MessageKey, string>>;

declare module "i18next" {
  interface CustomTypeOptions {
    keySeparator: false;
    nsSeparator: false;
    returnNull: false;
    resources: { translation: Messages };
  }
}

const STORED = "hemalum.language";
const FOLDERS: Record<Language, string> = { en: "en", "zh-CN": "zh" };
const FILES = import.meta.glob<Texts>("./{en,zh}/*.ts", { import: "texts" });

/** What the screen shows, in whatever language comes next. */
const parts = new Set<Part>(["shell"]);
const taught = new Map<string, Promise<void>>();
/** The language of the screen, or the one it is about to have. */
let wanted: Language = "en";

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh-CN") return stored;
  return navigator.languages.some((language) => language.toLowerCase().startsWith("zh")) ? "zh-CN" : "en";
}

/** Every text of the app in one language: for finding what is not on the screen. */
export async function allTexts(language: Language): Promise<Texts> {
  const files = Object.entries(FILES).filter(([path]) => path.startsWith(`./${FOLDERS[language]}/`));
  return Object.assign({}, ...(await Promise.all(files.map(([, file]) => file())))) as Texts;
}

function teach(language: Language, part: Part): Promise<void> {
  const path = `./${FOLDERS[language]}/${part}.ts`;
  const known = taught.get(path);
  if (known) return known;
  const file = FILES[path];
  if (!file) throw new Error(`There is no file ${path}.`);
  const teaching = file().then((texts) => { i18next.addResourceBundle(language, "translation", texts, true, true); });
  taught.set(path, teaching);
  // Asked for anew where it did not come.
  teaching.catch(() => taught.delete(path));
  return teaching;
}

/** What the server says comes after what the app says; whatever of it is on the screen by then is said anew. */
async function learnChinese(): Promise<void> {
  learnSentences((await import("./sentences.zh")).sentences);
  i18next.emit("languageChanged", i18next.language);
}

function want(language: Language): void {
  wanted = language;
  document.documentElement.lang = language;
  // Without it, what the server says stays English.
  if (language === "zh-CN") learnChinese().catch(() => undefined);
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  want(language);
  await Promise.all([...parts].map((part) => teach(language, part)));
  await i18next.changeLanguage(language);
}

export async function startLanguages(): Promise<void> {
  const language = firstLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
  want(language);
  await teach(language, "shell");
}

/** What is fetched later, with the parts of the texts that it shows. */
export async function withTexts<Module>(module: Promise<Module>, ...shown: Part[]): Promise<Module> {
  for (const part of shown) parts.add(part);
  // On its way from one language to another, the screen may show either.
  const languages = new Set([wanted, i18next.language as Language]);
  const [loaded] = await Promise.all([module, ...shown.flatMap((part) => [...languages].map((language) => teach(language, part)))]);
  return loaded;
}
