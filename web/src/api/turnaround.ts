import { queryOptions } from "@tanstack/react-query";
import { getJson } from "./client";
import type { Priority, Subspecialty, TurnaroundBy, TurnaroundShown } from "./types";

export interface TurnaroundAsked {
  begin: string;
  end: string;
  by: TurnaroundBy;
  subspecialty: Subspecialty | null;
  priority: Priority | null;
}

function search({ begin, end, by, subspecialty, priority }: TurnaroundAsked): string {
  const asked = new URLSearchParams({ begin, end, by });
  if (subspecialty) asked.set("subspecialty", subspecialty);
  if (priority) asked.set("priority", priority);
  return asked.toString();
}

export const turnaroundQuery = (asked: TurnaroundAsked) =>
  queryOptions({
    queryKey: ["turnaround", asked],
    queryFn: ({ signal }) => getJson<TurnaroundShown>(`/api/cases/turnaround?${search(asked)}`, signal),
    retry: false,
  });
export const turnaroundTableUrl = (asked: TurnaroundAsked) => `/api/cases/turnaround.csv?${search(asked)}`;
