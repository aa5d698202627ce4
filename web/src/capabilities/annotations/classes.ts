import { queryOptions } from "@tanstack/react-query";
import { readClasses } from "../../api/annotations";

export const classesQuery = queryOptions({ queryKey: ["annotations", "classes"], queryFn: ({ signal }) => readClasses(signal), staleTime: 60_000 });
