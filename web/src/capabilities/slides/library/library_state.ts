/** What the address of the library says. Defaults are left out of it. */
import type { Sort, Status } from "../../../api/types";

export interface ListState {
  q?: string;
  status?: Status;
  sort?: Sort;
  view?: "grid";
}

export interface LibraryState extends ListState {
  /** The selected slide. */
  id?: string;
}

const STATUSES: readonly Status[] = ["receiving", "hashed", "quarantined", "available"];
const SORTS: readonly Sort[] = ["newest", "oldest", "name", "size"];

/** Which list, without the slide that is selected in it: what a viewer carries along. */
export function decodeList(search: Record<string, unknown>): ListState {
  const state: ListState = {};
  if (typeof search["q"] === "string" && search["q"]) state.q = search["q"];
  if (STATUSES.includes(search["status"] as Status)) state.status = search["status"] as Status;
  if (SORTS.includes(search["sort"] as Sort) && search["sort"] !== "newest") state.sort = search["sort"] as Sort;
  if (search["view"] === "grid") state.view = "grid";
  return state;
}

export function decodeLibrary(search: Record<string, unknown>): LibraryState {
  const list = decodeList(search);
  return typeof search["id"] === "string" && search["id"] ? { ...list, id: search["id"] } : list;
}
