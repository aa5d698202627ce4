/** What this browser draws with. */

let known: boolean | null = null;

/**
 * Whether a graphics processor draws WebGL2. Where there is none, browsers either have no WebGL2 or imitate it on the
 * processor, where a plain canvas costs a fraction of that.
 */
export function hasGraphicsProcessor(): boolean {
  known ??= tried();
  return known;
}

function tried(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return gl !== null;
}
