import { useQueryClient } from "@tanstack/react-query";
import { CUSTODY } from "../../api/custody";

/** Reads again all that an act of custody may have changed. */
export function useCustodyRefresh(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => Promise.all([[CUSTODY], ["cases"], ["case"], ["case-events"], ["case-queues"]].map((queryKey) => client.invalidateQueries({ queryKey })));
}
