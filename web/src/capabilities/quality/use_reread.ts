/** Rereads as they are changed: what is on the screen of them is read anew. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RereadRow } from "../../api/types";

const TOUCHED = ["rereads", "reread", "reread-comparison", "report", "case", "case-events", "rescreening-rates"];

export function useRereadAct<Asked = void>(act: (asked: Asked) => Promise<RereadRow>, onDone?: (row: RereadRow) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: onDone,
    // Whoever came second sees what the first one did.
    onSettled: () => Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}
