import { queryOptions } from "@tanstack/react-query";
import { getJson, request, sendJson, withPurpose } from "./client";
import type { ChannelHistogram, Glass, ImageDetail, ImagePage, Opening, Purpose, Share, SlideLook, Sort, Status, Terms } from "./types";

export interface Listing {
  q: string;
  status: Status | "";
  sort: Sort;
}

const image = (id: string) => `/api/slides/images/${encodeURIComponent(id)}`;

export function listImages(listing: Listing, offset: number, limit: number, signal?: AbortSignal): Promise<ImagePage> {
  const query = new URLSearchParams({ sort: listing.sort, offset: String(offset), limit: String(limit) });
  if (listing.q) query.set("q", listing.q);
  if (listing.status) query.set("status", listing.status);
  return getJson(`/api/slides/images?${query}`, signal);
}

export const readRevision = (signal?: AbortSignal) => getJson<{ revision: number }>("/api/slides/revision", signal);
export const readImage = (id: string, signal?: AbortSignal) => getJson<ImageDetail>(image(id), signal);
/** `continues` is the opening that this one goes on with, when a viewer renews its ticket. */
export const openImage = (id: string, continues?: string) =>
  sendJson<Opening>("POST", `${image(id)}/openings`, continues === undefined ? {} : { continues });
export const stateMetadata = (id: string, values: Record<string, unknown>) =>
  sendJson<ImageDetail>("PATCH", `${image(id)}/metadata`, values);

/** Each call is an entry in the log. */
export const readClinical = (id: string) => getJson<{ fields: Record<string, string> }>(`${image(id)}/clinical`);

export async function retryImage(id: string): Promise<void> {
  await request(`${image(id)}/retry`, { method: "POST" });
}

export async function cancelIngest(id: string): Promise<void> {
  await request(`${image(id)}/cancel`, { method: "POST" });
}

export const thumbnailUrl = (id: string, width: number) => withPurpose(`${image(id)}/thumbnail?width=${width}`);
export const labelUrl = (id: string) => withPurpose(`${image(id)}/label`);
export const macroUrl = (id: string) => withPurpose(`${image(id)}/macro`);
export const originalUrl = (id: string) => withPurpose(`${image(id)}/original`);
/** A rectangle of the tissue as a picture, its pixels `spacing_um` apart. */
export const regionUrl = (id: string, { x_um, y_um, width_um, height_um }: { x_um: number; y_um: number; width_um: number; height_um: number }, spacingUm: number) =>
  withPurpose(`${image(id)}/region?x_um=${x_um}&y_um=${y_um}&width_um=${width_um}&height_um=${height_um}&spacing_um=${spacingUm}`);
/** How often each sample of a channel occurs. */
export const histogramQuery = (id: string, channel: number, plane: number) =>
  queryOptions({
    queryKey: ["histogram", id, channel, plane],
    queryFn: ({ signal }) => getJson<ChannelHistogram>(`${image(id)}/channels/${channel}/histogram?plane=${plane}`, signal),
    staleTime: Infinity,
  });

/** What every reader of a slide begins with. */
export const setLook = (id: string, channels: SlideLook["channels"]) => sendJson<SlideLook>("PUT", `${image(id)}/look`, { channels });

export async function forgetLook(id: string): Promise<void> {
  await request(`${image(id)}/look`, { method: "DELETE" });
}

export const readPurposes = (signal?: AbortSignal) => getJson<Purpose[]>("/api/slides/purposes", signal);
export const readTerms = (id: string, signal?: AbortSignal) => getJson<Terms>(`${image(id)}/terms`, signal);
export const setTerms = (id: string, terms: Terms) => sendJson<Terms>("PUT", `${image(id)}/terms`, terms);
export const listPartners = (signal?: AbortSignal) => getJson<{ id: string; name: string }[]>("/api/slides/partners", signal);
export const listShares = (id: string, signal?: AbortSignal) => getJson<Share[]>(`${image(id)}/shares`, signal);
export const shareImage = (id: string, organisation: string, days: number, legalBasis: string) =>
  sendJson<Share>("POST", `${image(id)}/shares`, { organisation_id: organisation, days, legal_basis: legalBasis || null });
export const breakGlass = (id: string, reason: string) => sendJson<Glass>("POST", `${image(id)}/glass`, { reason });

export async function endShare(id: string, organisation: string): Promise<void> {
  await request(`${image(id)}/shares/${encodeURIComponent(organisation)}`, { method: "DELETE" });
}
