import { queryOptions } from "@tanstack/react-query";
import { getJson, request, sendJson } from "./client";
import type { ImageDetail, ImagePage, Opening, Sort, Status } from "./types";

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
export const openImage = (id: string) => sendJson<Opening>("POST", `${image(id)}/openings`, { purpose: "care" });
export const openingQuery = (id: string) =>
  queryOptions({ queryKey: ["opening", id], queryFn: () => openImage(id), staleTime: Infinity, gcTime: 0 });
export const stateMetadata = (id: string, values: Record<string, unknown>) =>
  sendJson<ImageDetail>("PATCH", `${image(id)}/metadata`, values);

export async function retryImage(id: string): Promise<void> {
  await request(`${image(id)}/retry`, { method: "POST" });
}

export async function cancelIngest(id: string): Promise<void> {
  await request(`${image(id)}/cancel`, { method: "POST" });
}

export const thumbnailUrl = (id: string, width: number) => `${image(id)}/thumbnail?width=${width}`;
export const labelUrl = (id: string) => `${image(id)}/label`;
export const macroUrl = (id: string) => `${image(id)}/macro`;
export const originalUrl = (id: string) => `${image(id)}/original`;
