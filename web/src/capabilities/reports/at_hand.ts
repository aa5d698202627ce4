/** Going from one place to the next of what models said and nobody took on. */
import type { ReportContent } from "../../api/types";
import type { Region } from "./place";
import { untaken } from "./statements";

/** A place where a statement of a model can be looked at. */
export interface FindingPlace {
  subject: string;
  image: string;
  region: Region;
}

/** Where one stands in each case, as long as the page lives: another slide of it is another page. */
const stood = new Map<string, FindingPlace>();

export const standsAt = (caseId: string): FindingPlace | null => stood.get(caseId) ?? null;
export const standAt = (caseId: string, place: FindingPlace): void => { stood.set(caseId, place); };

const inOrder = (a: FindingPlace, b: FindingPlace): number =>
  (a.image === b.image ? 0 : a.image < b.image ? -1 : 1) || a.region.y_um - b.region.y_um || a.region.x_um - b.region.x_um || (a.subject === b.subject ? 0 : a.subject < b.subject ? -1 : 1);

/** Slide by slide, from top to bottom: by place, and not by how grave each is. */
export function placesOf(content: ReportContent): FindingPlace[] {
  const found = untaken(content).flatMap(({ subject, supports }) =>
    supports.flatMap(({ image_id: image, region }) => (image && region ? [{ subject, image, region }] : [])),
  );
  return found.sort(inOrder);
}

/** The place after, or before, the one where one stands, which may be taken on by now; the first on the slide where one stands nowhere. */
export function placeBeside(places: readonly FindingPlace[], from: FindingPlace | null, by: 1 | -1, image: string | null): FindingPlace | null {
  if (from === null) return places.find((place) => place.image === image) ?? places[0] ?? null;
  const after = places.filter((place) => inOrder(place, from) * by > 0);
  const around = after.length > 0 ? after : places;
  return around[by > 0 ? 0 : around.length - 1] ?? null;
}

/** What keys on the slide do with the statement at hand. */
export interface FindingActs {
  step: (by: 1 | -1) => void;
  accept: () => void;
  reject: () => void;
  change: () => void;
}
