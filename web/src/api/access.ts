import { getJson, request } from "./client";
import type { Me } from "./types";

export const readMe = (signal?: AbortSignal) => getJson<Me>("/api/access/me", signal);

export async function signOut(): Promise<void> {
  await request("/api/access/sign-out", { method: "POST" });
}
