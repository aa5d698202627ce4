import { getJson, sendJson } from "./client";
import type {
  ConformityShown,
  LevelCounts,
  MappingAsked,
  MappingPreview,
  MappingsTaken,
  ProfileTerm,
  SlideConformity,
  SlideWith,
  UnknownWord,
  WordMapping,
} from "./types";

export type Level = Exclude<keyof LevelCounts, "name">;

export const readConformity = (signal?: AbortSignal) => getJson<ConformityShown>("/api/conformity/report", signal);
export const listTerms = (signal?: AbortSignal) => getJson<ProfileTerm[]>("/api/conformity/terms", signal);
export const listUnknownWords = (signal?: AbortSignal) => getJson<UnknownWord[]>("/api/conformity/words/unknown", signal);
export const listMappings = (signal?: AbortSignal) => getJson<WordMapping[]>("/api/conformity/words", signal);
export const previewMapping = (asked: MappingAsked) => sendJson<MappingPreview>("POST", "/api/conformity/words/preview", asked);
export const mapWord = (asked: MappingAsked) => sendJson<WordMapping>("POST", "/api/conformity/words", asked);
export const unmapWord = (kind: WordMapping["term"]["kind"], word: string) => sendJson<undefined>("POST", "/api/conformity/words/end", { kind, word });
export const takeMappings = (content: string) => sendJson<MappingsTaken>("POST", "/api/conformity/words.csv", { content });
export const readSlideConformity = (id: string, signal?: AbortSignal) => getJson<SlideConformity>(`/api/conformity/images/${id}`, signal);
export const conformityFile = (of: "report" | "words") => `/api/conformity/${of}.csv`;

export const listSlidesWith = (level: Level, element: string | undefined, signal?: AbortSignal) =>
  getJson<SlideWith[]>(`/api/conformity/slides?${new URLSearchParams({ level, ...(element === undefined ? {} : { element }) })}`, signal);
