/** What the address of the bench list says. It never names a patient. */
import type { BenchListing } from "../../api/orders";
import type { WorkKind, WorkState } from "../../api/types";
import { KINDS, OPEN_STATES } from "./kinds";

export const LISTS = ["open", "requested", "accepted", "in_progress", "closed"] as const;
export type BenchList = (typeof LISTS)[number];

export interface BenchState {
  list: BenchList;
  work?: WorkKind;
  /** The selected order. */
  id?: string;
}

const CLOSED_STATES = ["done", "rejected", "cancelled"] as const satisfies readonly WorkState[];

export function decodeBench(search: Record<string, unknown>): BenchState {
  const work = KINDS.find((one) => one === search["work"]);
  const { id } = search;
  return {
    list: LISTS.find((one) => one === search["list"]) ?? "open",
    ...(work && { work }),
    ...(typeof id === "string" && /^\w{1,40}$/.test(id) && { id }),
  };
}

export function benchListingOf({ list, work }: BenchState): BenchListing {
  const states = list === "open" ? OPEN_STATES : list === "closed" ? CLOSED_STATES : [list];
  return { states, work: work ?? null };
}
