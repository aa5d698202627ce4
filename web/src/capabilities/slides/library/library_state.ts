/** What the address of the library says. Defaults are left out of it. */
import type { Sort, Status } from "../../../api/types";

export interface LibraryState {
  q?: string;
  status?: Status;
  sort?: Sort;
  view?: "grid";
  /** The selected slide. */
  id?: string;
}

const STATUSES: readonly Status[] = ["receiving", "hashed", "quarantined", "available"];
const SORTS: readonly Sort[] = ["newest", "oldest", "name", "size"];

export function decodeLibrary(search: Record<string, unknown>): LibraryState {
  const state: LibraryState = {};
  if (typeof search["q"] === "string" && search["q"]) state.q = search["q"];
  if (STATUSES.includes(search["status"] as Status)) state.status = search["status"] as Status;
  if (SORTS.includes(search["sort"] as Sort) && search["sort"] !== "newest") state.sort = search["sort"] as Sort;
  if (search["view"] === "grid") state.view = "grid";
  if (typeof search["id"] === "string" && search["id"]) state.id = search["id"];
  return state;
}
