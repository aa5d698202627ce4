/** Numbers, sizes and times in the reader's language. */
import { useTranslation } from "react-i18next";
import { isDay, midnightOf } from "./days";

/** Between a number and its unit, so that they stay on one line. */
export const THIN_SPACE = "\u202f";

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

export interface Formats {
  number: (value: number, digits?: number) => string;
  /** Up to three significant digits. */
  figure: (value: number) => string;
  bytes: (value: number) => string;
  /** A length given in um, in the unit that reads best. */
  length: (um: number) => string;
  /** Whole, and to a tenth next to 0 % and 100 %: neither is ever said of what is only near it. */
  percent: (share: number) => string;
  /** The day, here, of a moment; a day without a time is that day everywhere. */
  date: (iso: string) => string;
  dateTime: (iso: string) => string;
  /** The time of day alone, where the day is not in question. */
  time: (iso: string) => string;
  duration: (seconds: number) => string;
}

/** Every label with a number in it asks for them, and the browser takes its time to make one. */
const made = new Map<string, Formats>();

export function formatsOf(language: string): Formats {
  const known = made.get(language) ?? makeFormats(language);
  made.set(language, known);
  return known;
}

function makeFormats(language: string): Formats {
  const byDigits = new Map<number, Intl.NumberFormat>();
  const number = (value: number, digits = 0) => {
    const format = byDigits.get(digits) ?? new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    byDigits.set(digits, format);
    return format.format(value);
  };
  const significant = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const figure = (value: number) => significant.format(value);
  // Chinese spells the medium form out with year, month and day signs, too wide for a column.
  const date = new Intl.DateTimeFormat(language, { dateStyle: language.startsWith("zh") ? "short" : "medium" });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const time = new Intl.DateTimeFormat(language, { timeStyle: "short" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const tenths = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  return {
    number,
    figure,
    bytes: (value) => {
      const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), BYTE_UNITS.length - 1);
      return `${figure(value / 1000 ** power)}${THIN_SPACE}${BYTE_UNITS[power]}`;
    },
    length: (um) => {
      if (um >= 10_000) return `${figure(um / 10_000)}${THIN_SPACE}cm`;
      if (um >= 1000) return `${figure(um / 1000)}${THIN_SPACE}mm`;
      return um >= 1 || um === 0 ? `${figure(um)}${THIN_SPACE}µm` : `${figure(um * 1000)}${THIN_SPACE}nm`;
    },
    percent: (share) => {
      if (share > 0 && share < 0.001) return `<${THIN_SPACE}${tenths.format(0.001)}`;
      if (share > 0.999 && share < 1) return `>${THIN_SPACE}${tenths.format(0.999)}`;
      return ((share > 0 && share < 0.01) || (share > 0.99 && share < 1) ? tenths : percent).format(share);
    },
    // A bare day would be read as midnight in Greenwich: the day before, west of it.
    date: (iso) => date.format(isDay(iso) ? midnightOf(iso) : new Date(iso)),
    dateTime: (iso) => dateTime.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    duration: (seconds) => {
      const unit = seconds < 90 ? "second" : seconds < 5400 ? "minute" : "hour";
      const value = seconds / { second: 1, minute: 60, hour: 3600 }[unit];
      return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 0 }).format(Math.ceil(value));
    },
  };
}

export function useFormats(): Formats {
  const { i18n } = useTranslation();
  return formatsOf(i18n.language);
}
