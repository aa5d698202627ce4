import { queryOptions } from "@tanstack/react-query";
import { getJson, request, sendJson, withPurpose } from "./client";
import type { PhotographRuler, PhotographShown } from "./types";

const ROOT = "/api/grossing";
const photograph = (id: string) => `${ROOT}/photographs/${encodeURIComponent(id)}`;

export const PHOTOGRAPHS = "photographs";

export const photographsQuery = (caseId: string) =>
  queryOptions({
    queryKey: [PHOTOGRAPHS, caseId],
    queryFn: ({ signal }) => getJson<PhotographShown[]>(`${ROOT}/cases/${encodeURIComponent(caseId)}/photographs`, signal),
    retry: false,
  });
export const photographUrl = (id: string, small = false) => withPurpose(`${photograph(id)}${small ? "?small=true" : ""}`);
export const addPhotograph = async (materialId: string, file: Blob): Promise<PhotographShown> => {
  const response = await request(`${ROOT}/material/${encodeURIComponent(materialId)}/photographs`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
  return (await response.json()) as PhotographShown;
};
export const scalePhotograph = (id: string, ruler: PhotographRuler | null) => sendJson<PhotographShown>("PUT", `${photograph(id)}/scale`, { ruler });
export const withdrawPhotograph = (id: string, reason: string) => sendJson<PhotographShown>("POST", `${photograph(id)}/withdrawal`, { reason });
