import { queryOptions } from "@tanstack/react-query";
import { listEncoders, listModels, readModel } from "../../api/models";

export const MODELS = "models";
export const listQuery = queryOptions({ queryKey: [MODELS, "list"], queryFn: ({ signal }) => listModels(signal) });
export const encodersQuery = queryOptions({ queryKey: [MODELS, "encoders"], queryFn: ({ signal }) => listEncoders(signal) });
export const modelQuery = (id: string) => queryOptions({ queryKey: [MODELS, "one", id], queryFn: ({ signal }) => readModel(id, signal) });
