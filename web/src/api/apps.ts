import { getJson, request, sendJson } from "./client";
import type { AppAuthorisation, AppLaunchable, AppMade, AppRequest, AppShown, AppStated } from "./types";

const A = "/api/apps";
const appOf = (id: string) => `${A}/${encodeURIComponent(id)}`;

export const listApps = (signal?: AbortSignal) => getJson<AppShown[]>(A, signal);
export const registerApp = (stated: AppStated) => sendJson<AppMade>("POST", A, stated);
export const changeApp = (id: string, stated: AppStated) => sendJson<AppShown>("PUT", appOf(id), stated);
export const renewAppSecret = (id: string) => sendJson<{ secret: string }>("POST", `${appOf(id)}/secret`, {});
export const removeApp = (id: string) => remove(appOf(id));

export const listLaunchable = (signal?: AbortSignal) => getJson<AppLaunchable[]>(`${A}/launchable`, signal);
export const launchApp = (id: string, patient_id: string) => sendJson<{ continue_at: string }>("POST", `${appOf(id)}/launches`, { patient_id });

/** What an app asks for; the ticket goes into the body, for it is as good as the request. */
export const showAppRequest = (request: string) => sendJson<AppRequest>("POST", `${A}/requests/show`, { request });
export const allowApp = (request: string, scopes: string[], patient_id: string) =>
  sendJson<{ continue_at: string }>("POST", `${A}/requests/allow`, { request, scopes, patient_id });
export const refuseApp = (request: string) => sendJson<{ continue_at: string }>("POST", `${A}/requests/refuse`, { request });

export const listAuthorisations = (signal?: AbortSignal) => getJson<AppAuthorisation[]>(`${A}/authorisations`, signal);
export const endAuthorisation = (id: string) => remove(`${A}/authorisations/${encodeURIComponent(id)}`);

async function remove(path: string): Promise<void> {
  await request(path, { method: "DELETE" });
}
