/** A browser may begin to save a file a while after it was told to. */
const KEPT_MS = 60_000;

/** Hands a file to the browser. */
export function giveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => { URL.revokeObjectURL(address); }, KEPT_MS);
}
