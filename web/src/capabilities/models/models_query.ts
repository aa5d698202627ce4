import { queryOptions } from "@tanstack/react-query";
import { listModels, readModel } from "../../api/models";

export const MODELS = "models";
export const listQuery = queryOptions({ queryKey: [MODELS, "list"], queryFn: ({ signal }) => listModels(signal) });
export const modelQuery = (id: string) => queryOptions({ queryKey: [MODELS, "one", id], queryFn: ({ signal }) => readModel(id, signal) });
