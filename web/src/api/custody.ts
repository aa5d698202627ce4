import { queryOptions } from "@tanstack/react-query";
import { getJson, sendJson } from "./client";
import type {
  ChainVerified,
  ContainerDetail,
  ContainerKind,
  ContainerRow,
  CustodyEvent,
  CustodyPoint,
  CustodyScan,
  CustodyStep,
  DiscardShown,
  LoanShown,
  Mishap,
  ScanAnswer,
  WaitingPiece,
  Whereabouts,
} from "./types";

const ROOT = "/api/custody";
const point = (id: string) => `${ROOT}/points/${encodeURIComponent(id)}`;
const container = (code: string) => `${ROOT}/containers/${encodeURIComponent(code)}`;
const discard = (id: string) => `${ROOT}/discards/${encodeURIComponent(id)}`;

/** Everything that a scan or an act changes lies under this key. */
export const CUSTODY = "custody";

export const pointsQuery = queryOptions({ queryKey: [CUSTODY, "points"], queryFn: ({ signal }) => getJson<CustodyPoint[]>(`${ROOT}/points`, signal) });
export const allPointsQuery = queryOptions({ queryKey: [CUSTODY, "all-points"], queryFn: ({ signal }) => getJson<CustodyPoint[]>(`${ROOT}/points/all`, signal) });
export const addPoint = (name: string, room: string, step: CustodyStep) => sendJson<CustodyPoint>("POST", `${ROOT}/points`, { name, room, step });
export const changePoint = (id: string, change: { name?: string; room?: string; is_active?: boolean }) => sendJson<CustodyPoint>("PATCH", point(id), change);

export const scansQuery = (id: string) =>
  queryOptions({ queryKey: [CUSTODY, "scans", id], queryFn: ({ signal }) => getJson<CustodyEvent[]>(`${point(id)}/scans`, signal) });
export const waitingQuery = (id: string) =>
  queryOptions({ queryKey: [CUSTODY, "waiting", id], queryFn: ({ signal }) => getJson<WaitingPiece[]>(`${point(id)}/waiting`, signal) });
export const gapsQuery = (hours: number) =>
  queryOptions({ queryKey: [CUSTODY, "gaps", hours], queryFn: ({ signal }) => getJson<WaitingPiece[]>(`${ROOT}/gaps?hours=${hours}`, signal) });
export const scanCode = (asked: Pick<CustodyScan, "point" | "code" | "container" | "expected" | "failed">) => sendJson<ScanAnswer>("POST", `${ROOT}/scans`, asked);
export const correctScan = (number: number) => sendJson<CustodyEvent>("POST", `${ROOT}/events/${number}/correction`, {});

/** A code goes into the body: what is typed here may be anything. */
export const whereQuery = (code: string) =>
  queryOptions({ queryKey: [CUSTODY, "where", code], queryFn: () => sendJson<Whereabouts>("POST", `${ROOT}/where`, { code }) });
export const verifyChain = () => getJson<ChainVerified>(`${ROOT}/chain`);

export const containersQuery = queryOptions({ queryKey: [CUSTODY, "containers"], queryFn: ({ signal }) => getJson<ContainerRow[]>(`${ROOT}/containers`, signal) });
export const containerQuery = (code: string) =>
  queryOptions({ queryKey: [CUSTODY, "container", code], queryFn: ({ signal }) => getJson<ContainerDetail>(container(code), signal) });
export const containerCodeUrl = (code: string) => `${container(code)}/code`;
export const addContainer = (kind: ContainerKind, name: string, slots: number) => sendJson<ContainerDetail>("POST", `${ROOT}/containers`, { kind, name, slots });
export const putIn = (code: string, what: string, slot: number | null) => sendJson<CustodyEvent>("POST", `${container(code)}/contents`, { code: what, slot });
export const takeOut = (code: string, what: string) => sendJson<CustodyEvent>("POST", `${container(code)}/removals`, { code: what });

export const loansQuery = queryOptions({ queryKey: [CUSTODY, "loans"], queryFn: ({ signal }) => getJson<LoanShown[]>(`${ROOT}/loans`, signal) });
export const lend = (code: string, to: string, purpose: string, due_at: string) => sendJson<LoanShown>("POST", `${ROOT}/loans`, { code, to, purpose, due_at });
export const takeBack = (code: string) => sendJson<LoanShown>("POST", `${ROOT}/loans/return`, { code });

export const lostQuery = queryOptions({ queryKey: [CUSTODY, "lost"], queryFn: ({ signal }) => getJson<WaitingPiece[]>(`${ROOT}/lost`, signal) });
export const tellMishap = (code: string, mishap: Mishap, reason: string) => sendJson<CustodyEvent>("POST", `${ROOT}/mishaps`, { code, mishap, reason });
export const findPiece = (code: string) => sendJson<CustodyEvent>("POST", `${ROOT}/finds`, { code });

export const discardsQuery = queryOptions({ queryKey: [CUSTODY, "discards"], queryFn: ({ signal }) => getJson<DiscardShown[]>(`${ROOT}/discards`, signal) });
export const proposeDiscard = (codes: string[], reason: string, despite_retention: boolean) =>
  sendJson<DiscardShown>("POST", `${ROOT}/discards`, { codes, reason, despite_retention });
export const confirmDiscard = (id: string) => sendJson<DiscardShown>("POST", `${discard(id)}/confirmation`, {});
export const withdrawDiscard = (id: string) => sendJson<DiscardShown>("POST", `${discard(id)}/withdrawal`, {});
