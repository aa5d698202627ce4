/** What the address of the worklist says: which queue and which filters. What one searches for may name a patient, so it is never in it. */
import { create } from "zustand";
import type { CaseListing } from "../../api/cases";
import type { CaseRow, Priority, QueueName, Subspecialty } from "../../api/types";

export const QUEUES = ["open", "mine", "urgent", "intraoperative", "awaiting_scan", "unassigned", "to_sign", "late", "closed"] as const satisfies readonly QueueName[];
export const PRIORITIES = ["routine", "urgent", "intraoperative"] as const satisfies readonly Priority[];
export const SUBSPECIALTIES = [
  "general",
  "gastrointestinal",
  "breast",
  "gynaecology",
  "urology",
  "thoracic",
  "head_and_neck",
  "skin",
  "soft_tissue",
  "haematology",
  "neuropathology",
  "kidney",
  "cytology",
] as const satisfies readonly Subspecialty[];

/** Which list: what a viewer carries along for the next case and the way back. */
export interface WorklistFilter {
  queue: QueueName;
  priority?: Priority;
  field?: Subspecialty;
  /** By when it is due alone, whatever models say. */
  order?: "due";
}

export interface WorklistState extends WorklistFilter {
  /** The selected case, by the node's own id. */
  id?: string;
}

function oneOf<V extends string>(values: readonly V[], said: unknown): V | undefined {
  return values.find((value) => value === said);
}

export function decodeFilter(search: Record<string, unknown>): WorklistFilter {
  const priority = oneOf<Priority>(PRIORITIES, search["priority"]);
  const field = oneOf<Subspecialty>(SUBSPECIALTIES, search["field"]);
  return { queue: oneOf<QueueName>(QUEUES, search["queue"]) ?? "open", ...(priority && { priority }), ...(field && { field }), ...(search["order"] === "due" && { order: "due" }) };
}

export function decodeWorklist(search: Record<string, unknown>): WorklistState {
  const filter = decodeFilter(search);
  return typeof search["id"] === "string" && search["id"] ? { ...filter, id: search["id"] } : filter;
}

/** The filter in the words of an address. */
export function encodeFilter({ queue, priority, field, order }: WorklistFilter): { queue: QueueName } & Record<string, string> {
  return { queue, ...(priority && { priority }), ...(field && { field }), ...(order && { order }) };
}

/** What is searched for, while the page lives: in no address, in no storage. */
export const useSearchText = create<{ text: string }>(() => ({ text: "" }));

export function listingOf(filter: WorklistFilter, text: string): CaseListing {
  return { queue: filter.queue, text, priority: filter.priority ?? null, subspecialty: filter.field ?? null, by_band: filter.order !== "due" };
}

/** The case after or before one in a list, of those that have something to look at. */
export function neighbourOf(rows: readonly Pick<CaseRow, "id" | "first_image_id">[], id: string, by: 1 | -1): Pick<CaseRow, "id" | "first_image_id"> | undefined {
  const readable = rows.filter((row) => row.first_image_id !== null || row.id === id);
  const place = readable.findIndex((row) => row.id === id);
  return place < 0 ? (by > 0 ? readable[0] : undefined) : readable[place + by];
}
