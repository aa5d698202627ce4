/** The server's own types under short names. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Status = Schemas["ImageStatus"];
export type Spacing = Schemas["Spacing"];
export type Progress = Schemas["Progress"];
export type ImageSummary = Schemas["ImageSummary"];
export type ImagePage = Schemas["LibraryPage"];
export type ImageDetail = Schemas["ImageDetail"];
export type MetadataElement = Schemas["Element"];
export type MetadataFinding = Schemas["Finding"];
export type StoredObject = Schemas["StoredObject"];
export type Level = Schemas["ShownLevel"];
export type Channel = Schemas["Channel"];
export type Opening = Schemas["OpeningMade"];
export type Sentence = Schemas["Sentence"];
export type Me = Schemas["Me"];
export type Purpose = Schemas["Purpose"];
export type Terms = Schemas["Terms"];
export type Share = Schemas["Share"];
export type Glass = Schemas["Glass"];
export type Sort = "newest" | "oldest" | "name" | "size";
export type Verdict = Schemas["Verdict"];
export type AuditEntry = Schemas["AuditEntry"];
export type EntryPage = Schemas["EntryPage"];
export type AuditChoices = Schemas["AuditChoices"];
export type AuditFlag = Schemas["AuditFlag"];
export type SlideLife = Schemas["SlideLife"];
