/** Answers of second readings that are being written, for as long as this page is open: one goes to the slide and comes back. They describe a patient, so no storage of the browser holds them. */
import { create } from "zustand";
import type { RereadAnswers } from "../../api/types";

const NONE: RereadAnswers = { values: {}, words: "" };

interface Written {
  by: Readonly<Record<string, RereadAnswers>>;
}

const useWritten = create<Written>(() => ({ by: {} }));

export const useAnswers = (id: string): RereadAnswers => useWritten(({ by }) => by[id]) ?? NONE;

export function writeAnswers(id: string, answers: RereadAnswers): void {
  useWritten.setState(({ by }) => ({ by: { ...by, [id]: answers } }));
}

export function forgetAnswers(id: string): void {
  useWritten.setState(({ by }) => ({ by: Object.fromEntries(Object.entries(by).filter(([one]) => one !== id)) }));
}
