import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { listConnections, listMessages, showMessage, type MessageFilter } from "../../api/interfaces";

const PAGE = 100;
const ANEW_AFTER_MS = 10_000;

export const messagesQuery = (filter: MessageFilter) =>
  infiniteQueryOptions({
    queryKey: ["messages", "list", filter],
    queryFn: ({ pageParam, signal }) => listMessages(filter, pageParam, PAGE, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_before,
    staleTime: ANEW_AFTER_MS,
  });

export const connectionsQuery = queryOptions({
  queryKey: ["messages", "connections"],
  queryFn: ({ signal }) => listConnections(signal),
  refetchInterval: ANEW_AFTER_MS,
});

/** Each look is recorded, so nothing asks for it anew by itself. */
export const messageQuery = (number: number) =>
  queryOptions({
    queryKey: ["messages", "one", number],
    queryFn: ({ signal }) => showMessage(number, signal),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
  });
