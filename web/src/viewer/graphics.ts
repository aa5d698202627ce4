/** What this browser draws with. */

/** Drivers that imitate a graphics processor: of Chromium, of Mesa, of Windows, of macOS. */
const IMITATIONS = /swiftshader|llvmpipe|softpipe|basic render|software/i;
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
  if (!gl) return false;
  // Browsers say the name in one of two ways, and not all of them refuse an imitation.
  const hidden = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(hidden ? hidden.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !IMITATIONS.test(name);
}
