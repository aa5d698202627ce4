import { getJson, sendJson } from "./client";
import type { InterfacesShown, MessagePage, MessageRow, MessageShown } from "./types";

/** Which messages are asked for, in the words of the server's query. */
export interface MessageFilter {
  direction?: string;
  state?: string;
  partner?: string;
}

const query = (values: object) =>
  new URLSearchParams(Object.entries(values as Record<string, unknown>).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));

export const listMessages = (filter: MessageFilter, before: number | null, limit: number, signal?: AbortSignal) =>
  getJson<MessagePage>(`/api/interfaces/messages?${query({ ...filter, limit, before: before ?? undefined })}`, signal);
export const listConnections = (signal?: AbortSignal) => getJson<InterfacesShown>("/api/interfaces/connections", signal);
/** That a message is looked at is written to the log, so it is asked for once. */
export const showMessage = (number: number, signal?: AbortSignal) => getJson<MessageShown>(`/api/interfaces/messages/${number}`, signal);
export const replayMessage = (number: number) => sendJson<MessageRow>("POST", `/api/interfaces/messages/${number}/replay`, {});
export const correctMessage = (number: number, text: string) =>
  sendJson<MessageRow>("POST", `/api/interfaces/messages/${number}/correction`, { text });
export const discardMessage = (number: number, reason: string) =>
  sendJson<MessageRow>("POST", `/api/interfaces/messages/${number}/discard`, { reason });
