import { queryOptions, useQuery } from "@tanstack/react-query";
import { readMe } from "../../api/access";
import { Problem } from "../../api/client";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => readMe(signal),
  staleTime: 60_000,
  retry: (failures, error) => !(error instanceof Problem && error.status === 401) && failures < 20,
  retryDelay: 2000,
});

export const useMe = () => useQuery(meQuery);

export function usePermission(permission: string): boolean {
  return useMe().data?.permissions.includes(permission) ?? false;
}
