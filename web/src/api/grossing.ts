import { queryOptions } from "@tanstack/react-query";
import { getJson, request, sendJson, withPurpose } from "./client";
import type { CassetteContents, CassetteShown, PhotographRuler, PhotographShown } from "./types";

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

export const CASSETTES = "cassettes";

export const cassettesQuery = (caseId: string) =>
  queryOptions({
    queryKey: [CASSETTES, caseId],
    queryFn: ({ signal }) => getJson<CassetteShown[]>(`${ROOT}/cases/${encodeURIComponent(caseId)}/cassettes`, signal),
    retry: false,
    // What is in them is of a patient, and nobody's once the page is left.
    gcTime: 60_000,
  });
export const describeCassette = (materialId: string, contents: CassetteContents) =>
  sendJson<CassetteShown>("PUT", `${ROOT}/material/${encodeURIComponent(materialId)}/contents`, contents);
