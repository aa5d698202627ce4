/** What the screens know of the server, for all of them and for what begins before they are there. */
import { QueryClient } from "@tanstack/react-query";
import { Problem, UNREACHABLE } from "../api/client";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays a refusal; only silence and faults of the server are worth asking again.
      retry: (failures, error) => error instanceof Problem && (error.status === UNREACHABLE || error.status >= 500) && failures < 3,
      refetchOnWindowFocus: false,
      // "Online" of the browser says nothing of a server in the same building.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
