/** Passkeys in this browser (WebAuthn level 3). */
import { addPasskey, beginPasskey, beginPasskeySignIn, signInByPasskey } from "../../api/access";
import type { SignInAnswer } from "../../api/types";

/** A passkey is bound to a name, so a node that is reached by a number has none; nor has an old browser. */
export function hasPasskeys(): boolean {
  const host = window.location.hostname;
  const isNumber = /^[\d.]+$/.test(host) || host.includes(":") || host.startsWith("[");
  return !isNumber && typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

/** Whether a person turned the browser's question down, which is no failure. */
export function isDeclined(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
}

export async function signInWithPasskey(): Promise<SignInAnswer> {
  const { ticket, options } = await beginPasskeySignIn();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  return signInByPasskey(ticket, credential.toJSON());
}

export async function makePasskey(name: string): Promise<void> {
  const { ticket, options } = await beginPasskey();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  await addPasskey(ticket, credential.toJSON(), name);
}
