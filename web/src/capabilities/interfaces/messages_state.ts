/** What the address of the page of messages says. It never names a patient. */
import type { MessageFilter } from "../../api/interfaces";
import type { MessageRow } from "../../api/types";

export const STATES = ["waiting", "done", "dead", "refused", "replaced", "discarded"] as const satisfies readonly MessageRow["state"][];
export const DIRECTIONS = ["in", "out"] as const satisfies readonly MessageRow["direction"][];

export interface MessagesState {
  direction?: (typeof DIRECTIONS)[number];
  state?: (typeof STATES)[number];
  partner?: string;
  /** The selected message. */
  message?: string;
}

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined => values.find((each) => each === value);

export function decodeMessages(search: Record<string, unknown>): MessagesState {
  const state: MessagesState = {};
  const direction = oneOf(DIRECTIONS, search["direction"]);
  const wanted = oneOf(STATES, search["state"]);
  if (direction) state.direction = direction;
  if (wanted) state.state = wanted;
  const { partner, message } = search;
  if (typeof partner === "string" && partner && partner.length <= 40) state.partner = partner;
  if (typeof message === "string" && /^[1-9]\d{0,14}$/.test(message)) state.message = message;
  return state;
}

export function filterOf({ direction, state, partner }: MessagesState): MessageFilter {
  return Object.fromEntries(Object.entries({ direction, state, partner }).filter(([, value]) => value !== undefined));
}
