/** What the address of the rescreening board says. It names no patient. */
import type { RereadBoardName } from "../../api/types";

export const BOARDS = ["to_read", "to_decide", "today", "offered", "done", "all"] as const satisfies readonly RereadBoardName[];
export const PAGES = ["rates", "plans"] as const;
export type BoardList = (typeof BOARDS)[number] | (typeof PAGES)[number];

export interface BoardState {
  list: BoardList;
  /** The selected reread. */
  id?: string;
}

export function decodeBoard(search: Record<string, unknown>): BoardState {
  const { id } = search;
  return {
    list: [...BOARDS, ...PAGES].find((one) => one === search["list"]) ?? "to_read",
    ...(typeof id === "string" && /^\w{1,40}$/.test(id) && { id }),
  };
}
