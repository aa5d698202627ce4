/** What the address of the page of conformity says. */
import type { Level } from "../../api/conformity";

export const LEVELS = ["refused", "warned", "mapped", "conforming"] as const satisfies readonly Level[];
export const ELEMENTS = [
  "identifier",
  "site",
  "laterality",
  "collection",
  "fixative",
  "embedding",
  "thickness",
  "stain",
  "spacing",
  "objective",
  "scanner",
  "acquired_at",
  "laboratory",
  "history",
  "diagnoses",
] as const;
export type ElementName = (typeof ELEMENTS)[number];

export interface ConformityState {
  /** Whose slides are listed; all of a slide where there is none. */
  element?: ElementName;
  level?: Level;
}

export const elementOf = (name: unknown): ElementName | undefined => ELEMENTS.find((each) => each === name);

export function decodeConformity(search: Record<string, unknown>): ConformityState {
  const state: ConformityState = {};
  const element = elementOf(search["element"]);
  const level = LEVELS.find((each) => each === search["level"]);
  if (element) state.element = element;
  if (level) state.level = level;
  return state;
}
