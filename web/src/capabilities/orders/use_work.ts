/** Work orders as they are changed: what is on the screen of them is read anew. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { moveWork, workCountsQuery } from "../../api/orders";
import type { WorkCounts, WorkState } from "../../api/types";

const TOUCHED = ["work", "placed", "bench", "work-counts", "case", "cases", "case-queues", "case-events", "image-case"];

export function useWorkChanged(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
}

export function useMoveWork(onDone?: () => void) {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: ({ id, state, reason }: { id: string; state: WorkState; reason: string }) => moveWork(id, state, reason),
    onSuccess: onDone,
    // Whoever came second sees what the first one decided.
    onSettled: changed,
  });
}

/** Accepts orders one after the other. Each is decided by itself: what could not be accepted comes back with why. */
export function useAcceptWork(onDone: (left: string[]) => void) {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const refused: { id: string; error: unknown }[] = [];
      for (const id of ids) await moveWork(id, "accepted", "").catch((error: unknown) => refused.push({ id, error }));
      return refused;
    },
    onSuccess: (refused) => { onDone(refused.map(({ id }) => id)); },
    onSettled: changed,
  });
}

/** How many work orders are open; undefined as long as nobody knows. */
export function useWorkCounts(wanted = true): WorkCounts | undefined {
  return useQuery({ ...workCountsQuery, enabled: wanted, retry: false }).data;
}
