import { useTranslation } from "react-i18next";

/** What was written in both languages, in the reader's; in English where there is no other. */
export function useSaidIn(): <T extends { length: number }>(en: T, zh: T | null) => T {
  const { i18n } = useTranslation();
  return (en, zh) => (i18n.language.startsWith("zh") && zh !== null && zh.length > 0 ? zh : en);
}
