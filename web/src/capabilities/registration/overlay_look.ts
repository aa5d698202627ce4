/** How one slide is drawn over another, as an address says it. */

export interface OverlayLook {
  opacity: number;
  /** Drawn right of this share of the width; null for all of it. */
  swipe: number | null;
  /** Which of the two alone is shown while one blinks between them. */
  blink: "over" | "under" | null;
}

const FIRST_OPACITY = 0.5;
const DECIMALS = 3;

/** What an address says of it. */
export function decodeOverlay(search: URLSearchParams): OverlayLook {
  const share = (key: string) => {
    const value = Number(search.get(key) ?? NaN);
    return value >= 0 && value <= 1 ? value : null;
  };
  return { opacity: share("opacity") ?? FIRST_OPACITY, swipe: share("swipe"), blink: null };
}

export function encodeOverlay({ opacity, swipe }: OverlayLook, search: URLSearchParams): void {
  if (opacity === FIRST_OPACITY) search.delete("opacity");
  else search.set("opacity", String(Number(opacity.toFixed(2))));
  if (swipe === null) search.delete("swipe");
  else search.set("swipe", String(Number(swipe.toFixed(DECIMALS))));
}
