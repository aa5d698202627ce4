import { getJson, request, sendJson } from "./client";
import type {
  Account,
  Ceremony,
  Group,
  Institution,
  Me,
  Organisation,
  OrganisationStated,
  PeoplePage,
  PersonAdded,
  PersonKind,
  Provider,
  ProviderAsked,
  RoleHeld,
  Session,
  Settings,
  SignInAnswer,
  Token,
  TokenMade,
  TotpBegun,
} from "./types";

const A = "/api/access";

export const readMe = (signal?: AbortSignal) => getJson<Me>(`${A}/me`, signal);
export const actIn = (organisation_id: string) => sendJson<Me>("PUT", `${A}/me/organisation`, { organisation_id });

export const signInByPassword = (name: string, password: string) =>
  sendJson<SignInAnswer>("POST", `${A}/sign-in/password`, { name, password });
export const signInByCode = (ticket: string, code: string) =>
  sendJson<SignInAnswer>("POST", `${A}/sign-in/second-factor`, { ticket, code });
export const signInByLink = (code: string) => sendJson<SignInAnswer>("POST", `${A}/sign-in/link`, { code });
export const beginPasskeySignIn = () => sendJson<Ceremony>("POST", `${A}/sign-in/passkey/options`, {});
export const signInByPasskey = (ticket: string, credential: unknown) =>
  sendJson<SignInAnswer>("POST", `${A}/sign-in/passkey`, { ticket, credential });
export const signOut = () => sendJson<{ continue_at: string | null }>("POST", `${A}/sign-out`, {});

export const readAccount = (signal?: AbortSignal) => getJson<Account>(`${A}/account`, signal);
export const setPassword = (password: string, current: string | null) =>
  sendJson<undefined>("PUT", `${A}/account/password`, { password, current });
export const beginTotp = () => sendJson<TotpBegun>("POST", `${A}/account/totp`, {});
export const confirmTotp = (code: string) => sendJson<{ recovery_codes: string[] }>("PUT", `${A}/account/totp`, { code });
export const removeTotp = () => remove(`${A}/account/totp`);
export const newRecoveryCodes = () => sendJson<{ recovery_codes: string[] }>("POST", `${A}/account/recovery-codes`, {});
export const beginPasskey = () => sendJson<Ceremony>("POST", `${A}/account/passkeys/options`, {});
export const addPasskey = (ticket: string, credential: unknown, name: string) =>
  sendJson<undefined>("POST", `${A}/account/passkeys`, { ticket, credential, name });
export const removePasskey = (id: string) => remove(`${A}/account/passkeys/${encodeURIComponent(id)}`);
export const listSessions = (signal?: AbortSignal) => getJson<Session[]>(`${A}/account/sessions`, signal);
export const endSession = (id: string) => remove(`${A}/account/sessions/${id}`);
export const endOtherSessions = () => remove(`${A}/account/sessions`);

/** Tokens of oneself, or of a service account. */
const tokens = (holder: string | null) => (holder === null ? `${A}/account/tokens` : `${A}/people/${holder}/tokens`);
export const listTokens = (holder: string | null, signal?: AbortSignal) => getJson<Token[]>(tokens(holder), signal);
export const issueToken = (holder: string | null, name: string, scopes: string[], days: number) =>
  sendJson<TokenMade>("POST", tokens(holder), { name, scopes, days });
export const revokeToken = (holder: string | null, id: string) => remove(`${tokens(holder)}/${id}`);

/** People of one's own organisation, or of another one for the node's administrator. */
export const listPeople = (q: string, at: string | undefined, offset: number, limit: number, signal?: AbortSignal) =>
  getJson<PeoplePage>(`${A}/people?${new URLSearchParams({ q, offset: String(offset), limit: String(limit), ...where(at) })}`, signal);
export const addPerson = (person: { name: string; display_name: string; roles: string[]; kind: PersonKind }, at?: string) =>
  sendJson<PersonAdded>("POST", `${A}/people${query(at)}`, person);
export const renamePerson = (id: string, display_name: string, at?: string) =>
  sendJson<undefined>("PATCH", `${A}/people/${id}${query(at)}`, { display_name });
export const setRoles = (id: string, roles: RoleHeld[], at?: string) =>
  sendJson<undefined>("PUT", `${A}/people/${id}/roles${query(at)}`, { roles });
export const suspendPerson = (id: string, at?: string) => sendJson<undefined>("POST", `${A}/people/${id}/suspension${query(at)}`, {});
export const reinstatePerson = (id: string, at?: string) => remove(`${A}/people/${id}/suspension${query(at)}`);
export const resetPerson = (id: string, remove_factors: boolean, at?: string) =>
  sendJson<{ link: string }>("POST", `${A}/people/${id}/link${query(at)}`, { remove_factors });
export const signPersonOut = (id: string, at?: string) => remove(`${A}/people/${id}/sessions${query(at)}`);

export const listGroups = (signal?: AbortSignal) => getJson<Group[]>(`${A}/groups`, signal);
export const addGroup = (name: string) => sendJson<Group>("POST", `${A}/groups`, { name, members: [] });
export const changeGroup = ({ id, name, members }: Group) => sendJson<Group>("PUT", `${A}/groups/${id}`, { name, members });
export const removeGroup = (id: string) => remove(`${A}/groups/${id}`);

export const listOrganisations = (signal?: AbortSignal) => getJson<Organisation[]>(`${A}/organisations`, signal);
export const addOrganisation = (stated: OrganisationStated) => sendJson<Organisation>("POST", `${A}/organisations`, stated);
export const changeOrganisation = (id: string, stated: OrganisationStated) =>
  sendJson<Organisation>("PUT", `${A}/organisations/${id}`, stated);

export const listInstitutions = (signal?: AbortSignal) => getJson<Institution[]>(`${A}/institutions`, signal);
/** Where a sign-in by an institution sets out; the browser goes there and comes back to `to`. */
export const startAt = (institution: string, to: string) => `${A}/institutions/${institution}/start?${new URLSearchParams({ to })}`;
export const listProviders = (signal?: AbortSignal) => getJson<Provider[]>(`${A}/providers`, signal);
export const addProvider = (asked: ProviderAsked) => sendJson<Provider>("POST", `${A}/providers`, asked);
export const changeProvider = (id: string, asked: ProviderAsked) => sendJson<Provider>("PUT", `${A}/providers/${id}`, asked);
export const testProvider = (id: string) => sendJson<undefined>("POST", `${A}/providers/${id}/test`, {});
export const removeProvider = (id: string) => remove(`${A}/providers/${id}`);

export const readSettings = (signal?: AbortSignal) => getJson<Settings>(`${A}/me/settings`, signal);
export const keepSettings = (settings: Settings) => sendJson<Settings>("PUT", `${A}/me/settings`, settings);

const where = (at: string | undefined): Record<string, string> => (at === undefined ? {} : { organisation_id: at });
const query = (at: string | undefined) => (at === undefined ? "" : `?${new URLSearchParams(where(at))}`);

async function remove(path: string): Promise<void> {
  await request(path, { method: "DELETE" });
}
