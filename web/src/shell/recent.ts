/** The slides that one looked at last, by their ids alone: names stay with who may see them. */
const STORED = "hemalum.recent";
const MOST = 12;

export function recentSlides(person: string): string[] {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED) ?? "null") as { person?: unknown; ids?: unknown } | null;
    return kept?.person === person && Array.isArray(kept.ids) ? kept.ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export function noteRecent(person: string, id: string): void {
  const ids = [id, ...recentSlides(person).filter((one) => one !== id)].slice(0, MOST);
  localStorage.setItem(STORED, JSON.stringify({ person, ids }));
}
