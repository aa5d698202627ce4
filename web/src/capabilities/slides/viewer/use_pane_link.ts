import { useEffect, useMemo, useRef, useState } from "react";
import { affineMapping, chain, IDENTITY, inverseOf, type Mapping } from "../../../viewer/compare/mapping";
import { PaneLink } from "../../../viewer/compare/pane_link";
import type { SlideView } from "../../../viewer/slide_view";
import type { Lying } from "../../registration/lying";

interface PanesLinked {
  /** Of each pane; null for one that shows nothing yet. */
  views: readonly (SlideView | null)[];
  /** How each slide lies on the first, null where nothing is known; undefined while that is not known itself. */
  lying: readonly (Lying | null)[] | undefined;
  active: number;
  linked: boolean;
  sameScale: boolean;
}

/** The link of all panes that show a slide, and the place of each pane in it. */
export interface LinkOfPanes {
  link: PaneLink;
  placeOf: (pane: number) => number;
}

const SAME = affineMapping(IDENTITY);

/** Keeps panes together. A pane that nobody placed, or whose mapping is new, goes where its mapping says. */
export function usePaneLink({ views, lying, active, linked, sameScale }: PanesLinked): LinkOfPanes | null {
  const [made, setMade] = useState<LinkOfPanes | null>(null);
  const known = useRef(new WeakMap<SlideView, string | null>());
  const alt = useAlt();
  const shown = useMemo(() => views.flatMap((view, pane) => (view ? [{ view, pane }] : [])), [views]);
  const places = useRef<readonly number[]>([]);
  places.current = shown.map(({ pane }) => pane);
  const lead = useRef(active);
  lead.current = active;
  const comparable = useIsComparable(views);
  const holdsScale = sameScale && comparable;

  useEffect(() => {
    if (shown.length < 2 || !lying) return;
    const placeOf = (pane: number) => places.current.indexOf(pane);
    const leads = () => Math.max(0, placeOf(lead.current));
    if (holdsScale) shareScale(shown.map(({ view }) => view), leads(), shown.some(({ view }) => view.placed || known.current.has(view)));
    const [first] = shown;
    const base = (first && lying[first.pane]?.mapping) ?? null;
    const panes = shown.map(({ view, pane }) => ({ view, mapping: fromFirst(base, pane === first?.pane ? base : (lying[pane]?.mapping ?? null)) }));
    const link = new PaneLink(panes, { leads, apart: () => alt.current, linked, sameScale: holdsScale });
    const due = shown.flatMap(({ view, pane }, place) => {
      const key = lying[pane]?.key ?? null;
      const isNew = known.current.has(view) ? known.current.get(view) !== key : !view.placed;
      known.current.set(view, key);
      return key !== null && isNew ? [place] : [];
    });
    if (due.length > 0) link.align(due);
    setMade({ link, placeOf });
    return () => {
      link.destroy();
      setMade(null);
    };
  }, [shown, lying, linked, holdsScale, alt]);
  return made;
}

/** Mappings start at the slide of the first pane, which may not be on the screen yet. */
function fromFirst(base: Mapping | null, mapping: Mapping | null): Mapping {
  if (base === mapping) return SAME;
  return base ? chain(inverseOf(base), mapping ?? SAME) : (mapping ?? SAME);
}

/** Whether every slide on the screen says how large it is. */
export function useIsComparable(views: readonly (SlideView | null)[]): boolean {
  return useMemo(() => views.filter(Boolean).length > 1 && views.every((view) => !view || view.opening.spacing_um), [views]);
}

/** The leading pane's scale for all; the smallest of them where nobody chose one yet, so that all of each is seen. */
function shareScale(views: readonly SlideView[], leader: number, chosen: boolean): void {
  const looks = views.map((view) => view.look());
  const z = chosen ? (looks[leader]?.z ?? 1) : Math.max(...looks.map((look) => look.z));
  views.forEach((view, pane) => {
    const look = looks[pane];
    if (look) view.setLook({ ...look, z });
  });
}

/** Whether Alt is held. */
function useAlt(): React.RefObject<boolean> {
  const alt = useRef(false);
  useEffect(() => {
    const onAlt = (event: KeyboardEvent | PointerEvent | WheelEvent) => { alt.current = event.altKey; };
    const events = ["keydown", "keyup", "pointermove", "wheel"] as const;
    for (const name of events) window.addEventListener(name, onAlt, { capture: true, passive: true });
    return () => {
      for (const name of events) window.removeEventListener(name, onAlt, { capture: true });
    };
  }, []);
  return alt;
}
