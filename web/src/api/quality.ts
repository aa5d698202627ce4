import { queryOptions } from "@tanstack/react-query";
import { getJson, sendJson } from "./client";
import type { PlanDraft, Proof, RateBy, RatesShown, RereadAnswers, RereadBoard, RereadBoardName, RereadCheck, RereadComparison, RereadRow, RescreeningPlan, VerdictAsked } from "./types";

const reread = (id: string) => `/api/quality/rereads/${encodeURIComponent(id)}`;
const plan = (id: string) => `/api/quality/plans/${encodeURIComponent(id)}`;

export const boardQuery = (board: RereadBoardName) =>
  queryOptions({ queryKey: ["rereads", board], queryFn: ({ signal }) => getJson<RereadBoard>(`/api/quality/rereads?board=${board}`, signal), retry: false });
export const rereadQuery = (id: string) => queryOptions({ queryKey: ["reread", id], queryFn: ({ signal }) => getJson<RereadRow>(reread(id), signal), retry: false });
export const comparisonQuery = (id: string) =>
  queryOptions({
    queryKey: ["reread-comparison", id],
    queryFn: ({ signal }) => getJson<RereadComparison>(`${reread(id)}/comparison`, signal),
    retry: false,
    // What it says is of a patient, and nobody's once the page is left.
    gcTime: 60_000,
  });

export const beginReread = (id: string) => sendJson<RereadRow>("POST", `${reread(id)}/begin`, {});
export const giveRereadBack = (id: string) => sendJson<RereadRow>("POST", `${reread(id)}/give-back`, {});
export const checkReread = (id: string, answers: RereadAnswers) => sendJson<RereadCheck>("POST", `${reread(id)}/check`, answers);
export const answerReread = (id: string, answers: RereadAnswers) => sendJson<RereadRow>("POST", `${reread(id)}/answer`, answers);
export const decideReread = (id: string, verdict: VerdictAsked) => sendJson<RereadRow>("POST", `${reread(id)}/decision`, verdict);
export const giveRereadUp = (id: string, reason: string) => sendJson<RereadRow>("POST", `${reread(id)}/give-up`, { reason });

export const plansQuery = queryOptions({ queryKey: ["rescreening-plans"], queryFn: ({ signal }) => getJson<RescreeningPlan[]>("/api/quality/plans", signal), retry: false });
export const setPlan = (asked: PlanDraft) => sendJson<RescreeningPlan>("POST", "/api/quality/plans", asked);
export const endPlan = (id: string) => sendJson("POST", `${plan(id)}/end`, {});
export const proveDay = (id: string, day: string) => getJson<Proof>(`${plan(id)}/days/${day}`);

export interface RatesAsked {
  begin: string;
  end: string;
  by: RateBy;
}

export const ratesQuery = (asked: RatesAsked) =>
  queryOptions({ queryKey: ["rescreening-rates", asked], queryFn: ({ signal }) => getJson<RatesShown>(`/api/quality/rates?${new URLSearchParams({ ...asked })}`, signal), retry: false });
export const ratesTableUrl = (asked: RatesAsked) => `/api/quality/rates.csv?${new URLSearchParams({ ...asked })}`;
