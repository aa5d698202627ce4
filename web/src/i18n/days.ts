/** Days as forms and addresses write them, `2026-11-30`, and the moments that they are where the reader is. */

export const isDay = (said: unknown): said is string => typeof said === "string" && /^\d{4}-\d\d-\d\d$/.test(said) && !Number.isNaN(Date.parse(said));

/** The day of a moment here; in Greenwich it may be another one. */
export const dayOf = (moment: Date): string =>
  [moment.getFullYear(), String(moment.getMonth() + 1).padStart(2, "0"), String(moment.getDate()).padStart(2, "0")].join("-");

/** The midnight with which a day begins, or the one `later` days after: those of a change to summer time have 23 hours. */
export function midnightOf(day: string, later = 0): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}

/** The last second of a day. */
export const endOfDay = (day: string): Date => new Date(`${day}T23:59:59`);
