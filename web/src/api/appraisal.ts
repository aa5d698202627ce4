import { getJson } from "./client";
import type { AppraisalShown } from "./types";

export const readAppraisal = (id: string, signal?: AbortSignal) => getJson<AppraisalShown>(`/api/appraisal/images/${id}`, signal);
