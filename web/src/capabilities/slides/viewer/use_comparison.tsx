/** Slides held against each other: how the panes hang together, landmarks between two of them, one over another. */
import { lazy, Suspense, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { withTexts } from "../../../i18n";
import { IconButton } from "../../../ui/controls";
import { compositeAddress, soloed } from "../../../viewer/channels";
import type { Landmark } from "../../../viewer/compare/landmarks";
import type { PaneLink } from "../../../viewer/compare/pane_link";
import { keysOf } from "../../../viewer/keys";
import type { SlideView } from "../../../viewer/slide_view";
import { useLandmarks } from "../../registration/use_landmarks";
import { useLying, type Tried } from "../../registration/use_lying";
import { useOverlay, useOverlayLook } from "../../registration/use_overlay";
import { currentSearch, writeSearch } from "./address";
import { PANE_PREFIXES, type PaneIds } from "./panes";
import { useIsComparable, usePaneLink } from "./use_pane_link";
import type { SlideOnScreen } from "./use_slide";
import { useSwitch } from "./use_switch";
import type { Actions } from "./use_viewer_keys";

const LandmarkMarksOver = lazy(() => import("../../registration/LandmarkMarksOver").then((marks) => ({ default: marks.LandmarkMarksOver })));
const OverlayBar = lazy(() => withTexts(import("../../registration/OverlayBar"), "registration", "viewer").then((bar) => ({ default: bar.OverlayBar })));
const SwipeHandle = lazy(() => withTexts(import("../../registration/OverlayBar"), "registration", "viewer").then((bar) => ({ default: bar.SwipeHandle })));
const LandmarkPanel = lazy(() => withTexts(import("../../registration/LandmarkPanel"), "registration", "viewer").then((panel) => ({ default: panel.LandmarkPanel })));

/** What each pane tells the page. */
export interface PaneState {
  view: SlideView | null;
  slide: SlideOnScreen | null;
}

interface Panes {
  ids: PaneIds;
  names: readonly string[];
  states: readonly PaneState[];
  views: readonly (SlideView | null)[];
  active: number;
  linked: boolean;
  sameScale: boolean;
  onActive: (pane: number) => void;
}

interface Comparison {
  link: PaneLink | null;
  comparable: boolean;
  /** The pane that has all the room, as long as something lies over it. */
  alone: number | null;
  actions: Actions;
  /** For the gutter. */
  buttons: ReactNode;
  /** What a pane has over its slide and under it. */
  around: (pane: number) => { over?: ReactNode; under?: ReactNode };
  /** Stands where the details of a slide stand otherwise. */
  panel: ReactNode;
}

/** The first slide, which the others are laid on, and the one of them that the reader has to do with now. */
function usePartner(ids: PaneIds, active: number): { first: number; partner: number | null } {
  const first = ids.findIndex((id) => id !== null);
  const last = useRef<number | null>(null);
  const isOther = (pane: number | null): pane is number => pane !== null && pane !== first && (ids[pane] ?? null) !== null;
  if (isOther(active)) last.current = active;
  const next = ids.findIndex((_, pane) => isOther(pane));
  return { first, partner: isOther(last.current) ? last.current : next < 0 ? null : next };
}

export function useComparison({ ids, names, states, views, active, linked, sameScale, onActive }: Panes): Comparison {
  const { t } = useTranslation();
  const { first, partner } = usePartner(ids, active);
  const [tried, setTried] = useState<Tried | null>(null);
  const { lying, transforms } = useLying(ids, tried);
  const comparable = useIsComparable(views);
  const made = usePaneLink({ views, lying, active, linked, sameScale });
  const link = made?.link ?? null;
  const idOf = (pane: number | null) => (pane === null ? null : (ids[pane] ?? null));
  const from = idOf(first) ?? "";
  const viewOf = (pane: number | null) => (pane === null ? null : (views[pane] ?? null));

  // Landmarks ---------------------------------------------------------------------------------------------------
  const [marks, flipMarks] = useSwitch("marks", false);
  const isMarking = marks && ids.length > 1;
  const between = (pane: number | null) =>
    transforms.find(({ from_image_id: a, to_image_id: b }) => (a === from && b === idOf(pane)) || (b === from && a === idOf(pane))) ?? null;
  const marking = useLandmarks({
    on: isMarking && comparable,
    from,
    to: idOf(partner),
    saved: lying ? between(partner) : undefined,
    fromView: viewOf(first),
    toView: viewOf(partner),
    active: active === first ? "start" : active === partner ? "end" : null,
  });
  const goTo = ({ start, end }: Landmark) => {
    const moves = [[first, start], [partner, end]] as const;
    // The leading pane goes first, since the other follows it.
    for (const [pane, place] of moves.toSorted(([one], [other]) => Number(other === active) - Number(one === active))) {
      const view = viewOf(pane);
      if (view && place) view.setLook({ ...view.look(), x: place[0], y: place[1] });
    }
  };

  // Overlay -----------------------------------------------------------------------------------------------------
  const [over, setOver] = useState<number | null>(() => paneNamed(currentSearch().get("over")));
  const top = over !== null && over !== first && idOf(over) !== null ? over : null;
  const controls = useOverlayLook(currentSearch, writeSearch);
  const topSlide = top === null ? null : (states[top]?.slide ?? null);
  const [opening, plane, channels, solo, topView] = [topSlide?.opening, topSlide?.plane ?? 0, topSlide?.channels, topSlide?.solo ?? null, topSlide?.view];
  const laid = useMemo(() => {
    if (!opening || !topView) return null;
    const channel = opening.mode === "composite" && channels ? compositeAddress(soloed(channels, solo)) : "0";
    return { opening, plane, channel, renew: () => topView.renew() };
  }, [opening, plane, channels, solo, topView]);
  const lies = top === null ? null : (lying?.[top] ?? null);
  const overlay = useOverlay({
    under: viewOf(first),
    slide: lying ? laid : null,
    mapping: lies?.mapping ?? null,
    link,
    place: top === null || !made ? 0 : made.placeOf(top),
    look: controls.look,
  });
  const layOver = (pane: number | null) => {
    setOver(pane);
    writeSearch((search) => {
      if (pane === null) search.delete("over");
      else search.set("over", (PANE_PREFIXES[pane] ?? "").slice(0, 1));
    });
  };
  const [isAlone, flipAlone] = useSwitch("alone", false);
  const alone = isAlone && top !== null ? first : null;
  useEffect(() => {
    // What is out of sight has no keys.
    if (alone !== null && active !== alone) onActive(alone);
  }, [alone, active, onActive]);
  const flipOverlay = () => { layOver(top === null ? partner : null); };

  useEffect(() => {
    if (ids.length === 1) setTried(null);
  }, [ids.length]);

  const isMany = ids.length > 1;
  return {
    link,
    comparable,
    alone,
    actions: {
      alignPanes: () => link?.align(),
      landmarks: () => { if (isMany) flipMarks(); },
      overlay: () => { if (isMany) flipOverlay(); },
      swipe: () => { if (top !== null) controls.flipSwipe(); },
      blink: () => {
        if (!isMany) return;
        if (top === null) layOver(partner);
        controls.blink();
      },
    },
    buttons: (
      <>
        <IconButton icon="landmark" label={t("keys.landmarks")} keys={keysOf("landmarks")} pressed={isMarking} onPress={flipMarks} />
        <IconButton icon="overlay" label={t("keys.overlay")} keys={keysOf("overlay")} pressed={top !== null} isDisabled={partner === null} onPress={flipOverlay} />
      </>
    ),
    around: (pane) => {
      const view = viewOf(pane);
      const side = pane === first ? "start" : pane === partner ? "end" : null;
      return {
        over: (
          <Suspense>
            {isMarking && marking && view && side && <LandmarkMarksOver view={view} landmarks={marking.landmarks} list={marking.list} side={side} />}
            {pane === first && top !== null && <SwipeHandle controls={controls} />}
          </Suspense>
        ),
        under: pane === first && top !== null && (
          <Suspense>
            <OverlayBar name={names[top] ?? ""} source={lies?.source ?? null} controls={controls} state={overlay} alone={alone !== null} onAlone={flipAlone} onClose={() => { layOver(null); }} />
          </Suspense>
        ),
      };
    },
    panel: isMarking && (
      <Suspense>
        <LandmarkPanel
          marking={marking}
          from={{ id: from, name: names[first] ?? "" }}
          to={partner === null ? null : { id: idOf(partner) ?? "", name: names[partner] ?? "" }}
          saved={between(partner)}
          comparable={comparable}
          onTry={setTried}
          onGo={goTo}
          onClose={flipMarks}
        />
      </Suspense>
    ),
  };
}

function paneNamed(letter: string | null): number | null {
  const pane = PANE_PREFIXES.findIndex((prefix) => prefix === `${letter ?? ""}.`);
  return pane < 0 ? null : pane;
}
