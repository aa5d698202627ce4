/** Patients and cases in words for people. */
import { useTranslation } from "react-i18next";
import type { PatientIdentity, Priority } from "../../api/types";

export const SHAPES: Record<Priority, string> = { routine: "○", urgent: "▲", intraoperative: "◆" };

/** Whole years between two days. */
export function yearsBetween(from: string, to: Date): number {
  const [year = 0, month = 1, day = 1] = from.split("-").map(Number);
  const before = to.getMonth() + 1 < month || (to.getMonth() + 1 === month && to.getDate() < day);
  return to.getFullYear() - year - (before ? 1 : 0);
}

/** How old a patient is, by date of birth, else by what was stated. */
export function ageOf({ birth_date: born, age_years: stated, age_on: on }: PatientIdentity, now: Date): number | null {
  if (born) return yearsBetween(born, now);
  if (stated === null || stated === undefined) return null;
  return stated + (on ? yearsBetween(on, now) : 0);
}

/** A moment as a field for date and time takes it: to the minute, in the zone of the browser. */
export function localMinute(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** How long ago, in the unit that reads best. */
export function sinceText(language: string, iso: string, now: number): string {
  const minutes = Math.max(0, Math.round((now - Date.parse(iso)) / 60_000));
  const [value, unit] = minutes < 90 ? [minutes, "minute"] : minutes < 48 * 60 ? [Math.round(minutes / 60), "hour"] : [Math.round(minutes / 1440), "day"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
}

export function usePatientWords() {
  const { t } = useTranslation();
  return {
    /** Sex and age, as far as they are known. */
    brief: (patient: PatientIdentity) => {
      const age = ageOf(patient, new Date());
      return [patient.sex === "unknown" ? "" : t(`cases.sex.${patient.sex ?? "unknown"}`), age === null ? "" : t("cases.years", { count: age })].filter(Boolean).join(" ");
    },
    /** The number that tells the patient from others of the name; without one, the date of birth. */
    number: (patient: PatientIdentity) => patient.identifiers?.[0]?.value ?? patient.birth_date ?? "",
  };
}
