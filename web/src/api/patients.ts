import { getJson, sendJson } from "./client";
import type { PatientIdentity, PatientKnown } from "./types";

const patientOf = (id: string) => `/api/cases/patients/${encodeURIComponent(id)}`;
const MOST_MERGERS = 20;

/** Each call is an entry in the log. The number goes into the body, since it tells who somebody is. */
export const findPatients = (value: string) => sendJson<PatientKnown[]>("POST", "/api/cases/patients/search", { value });

/** A patient, and whom all mergers led to. */
export async function readPatient(id: string, signal?: AbortSignal): Promise<{ own: PatientKnown; now: PatientKnown }> {
  const own = await getJson<PatientKnown>(patientOf(id), signal);
  let now = own;
  for (let step = 0; now.merged_into !== null && step < MOST_MERGERS; step++) now = await getJson<PatientKnown>(patientOf(now.merged_into), signal);
  return { own, now };
}

export const correctPatient = (id: string, patient: PatientIdentity, reason: string) => sendJson<PatientKnown>("PUT", patientOf(id), { patient, reason });
export const mergePatient = (id: string, into: string, reason: string) => sendJson<PatientKnown>("POST", `${patientOf(id)}/merge`, { into, reason });
export const unmergePatient = (id: string, reason: string) => sendJson<PatientKnown>("POST", `${patientOf(id)}/unmerge`, { reason });
