import "../library/library.css";
import "./viewer.css";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format";
import { useLentActions } from "../../../shell/actions";
import { useDialogs } from "../../../shell/dialogs";
import { InHeader } from "../../../shell/header_slot";
import { usePreferences } from "../../../shell/preferences";
import { noteRecent } from "../../../shell/recent";
import { useCompact } from "../../../ui/compact";
import { IconButton } from "../../../ui/controls";
import type { Tool } from "../../../viewer/annotate/drawing";
import { GamepadSteering } from "../../../viewer/gamepad";
import { bindings, keysOf, steer } from "../../../viewer/keys";
import { layersOf } from "../../../viewer/layers/stack";
import { link } from "../../../viewer/link";
import { scannedPlane, type ComputedPlane } from "../../../viewer/planes";
import type { SlideView } from "../../../viewer/slide_view";
import { useMe } from "../../access/me";
import { usePeek } from "../../layers/use_layers";
import type { Reading } from "../../reading/use_reading";
import { toolbox, useAnnotator } from "../../annotations/annotators";
import { useDrawingKeys } from "../../annotations/use_drawing_keys";
import { PurposeChip } from "../access/PurposeChip";
import { imageQuery, useRevision } from "../library/images";
import { decodeList } from "../library/library_state";
import { encodeView, UNSAID } from "../../../viewer/view_state";
import { currentSearch, dropWaiting, writeSearch } from "./address";
import { channelActions } from "./channel_keys";
import { KeyMap } from "./KeyMap";
import { useNeighbours } from "./neighbours";
import { SlideChooser } from "./SlideChooser";
import { SlidePane } from "./SlidePane";
import { SlidePanel } from "./SlidePanel";
import { SlideTray } from "./SlideTray";
import { ToolStrip } from "./ToolStrip";
import { useInStep } from "./use_in_step";
import { forgetLayers } from "./use_layer_address";
import type { SlideOnScreen } from "./use_slide";
import { useBindings, useViewerKeys, type Actions } from "./use_viewer_keys";

/** A switch that the address remembers; `first` is what no mention means. */
function useSwitch(key: string, first: boolean): [boolean, () => void] {
  const [on, setOn] = useState(() => {
    const said = currentSearch().get(key);
    return said === null ? first : said === "1";
  });
  const flip = useCallback(() => {
    setOn((before) => {
      const next = !before;
      writeSearch((search) => {
        if (next === first) search.delete(key);
        else search.set(key, next ? "1" : "0");
      });
      return next;
    });
  }, [key, first]);
  return [on, flip];
}

function Identity({ id }: { id: string }) {
  const image = useQuery(imageQuery(id)).data;
  return (
    <span className="identity">
      <strong>{image?.name}</strong>
      <span className="second">{[image?.specimen, image?.organ, image?.stain].filter(Boolean).join(" · ")}</span>
    </span>
  );
}

/** Where the list had the slide when it was opened. */
function placeIn(search: URLSearchParams): number | null {
  const at = search.get("at");
  return at !== null && /^\d+$/.test(at) ? Number(at) : null;
}

interface PageProps {
  ids: readonly [string] | readonly [string, string];
}

function Viewer({ ids }: PageProps) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const navigate = useNavigate();
  const [panel, flipPanel] = useSwitch("panel", false);
  const [overview, flipOverview] = useSwitch("overview", true);
  const [mask, flipMask] = useSwitch("seen", false);
  const [tray, flipTray] = useSwitch("tray", true);
  const [inStep, flipInStep] = useSwitch("step", false);
  const { dimmed, setDimmed } = usePreferences();
  const person = useMe().data?.person_id;
  useBindings();
  const readings = useRef<(Reading | null)[]>([null, null]);
  const onFirstReading = useCallback((reading: Reading) => { readings.current[0] = reading; }, []);
  const onSecondReading = useCallback((reading: Reading) => { readings.current[1] = reading; }, []);
  const [linked, flipLinked] = useSwitch("link", true);
  const [sameScale, flipSameScale] = useSwitch("scale", true);
  const [showsKeys, setShowsKeys] = useState(false);
  const [chooses, setChooses] = useState(false);
  const [active, setActive] = useState(0);
  const [views, setViews] = useState<(SlideView | null)[]>([null, null]);
  const [slides, setSlides] = useState<(SlideOnScreen | null)[]>([null, null]);
  const nameA = useQuery(imageQuery(ids[0])).data?.name ?? "";
  const nameB = useQuery(imageQuery(ids[1] ?? ids[0])).data?.name ?? "";
  const activeId = ids[active] ?? ids[0];
  const activeImage = useQuery(imageQuery(activeId)).data;
  const second = ids[1];
  useRevision(false);
  useEffect(() => dropWaiting, []);
  // Whoever opens a slide means to look first.
  useEffect(() => () => { toolbox.set({ tool: "move" }); }, []);

  const onFirst = useCallback((view: SlideView | null) => { setViews((before) => [view, before[1] ?? null]); }, []);
  const onSecond = useCallback((view: SlideView | null) => { setViews((before) => [before[0] ?? null, view]); }, []);
  const firstSlide = useCallback((slide: SlideOnScreen | null) => { setSlides((before) => (before[0] === slide ? before : [slide, before[1] ?? null])); }, []);
  const secondSlide = useCallback((slide: SlideOnScreen | null) => { setSlides((before) => (before[1] === slide ? before : [before[0] ?? null, slide])); }, []);

  const [viewA, viewB] = second ? [views[0] ?? null, views[1] ?? null] : [views[0] ?? null, null];
  const lead = useRef(0);
  lead.current = active;
  const alt = useRef(false);
  useEffect(() => {
    const onAlt = (event: KeyboardEvent | PointerEvent | WheelEvent) => { alt.current = event.altKey; };
    const events = ["keydown", "keyup", "pointermove", "wheel"] as const;
    for (const name of events) window.addEventListener(name, onAlt, { capture: true, passive: true });
    return () => {
      for (const name of events) window.removeEventListener(name, onAlt, { capture: true });
    };
  }, []);

  const comparable = Boolean(viewA?.opening.spacing_um && viewB?.opening.spacing_um);
  useEffect(() => {
    if (!viewA || !viewB || !sameScale || !comparable) return;
    const [from, to] = lead.current === 0 ? [viewA, viewB] : [viewB, viewA];
    const z = Math.max(from.pose().z, currentSearch().has("a.z") ? 0 : to.pose().z);
    from.setPose({ ...from.pose(), z }, true);
    to.setPose({ ...to.pose(), z }, true);
    if (linked) return;
    const stops = [viewA, viewB].map((view, index) =>
      view.on("move", (pose) => {
        const other = index === 0 ? viewB : viewA;
        if (lead.current === index) other.setPose({ ...other.pose(), z: pose.z }, true);
      }),
    );
    return () => {
      for (const stop of stops) stop();
    };
  }, [viewA, viewB, sameScale, comparable, linked]);
  useEffect(() => {
    if (!viewA || !viewB || !linked) return;
    return link(viewA, viewB, () => (lead.current === 0 ? viewA : viewB), () => alt.current);
  }, [viewA, viewB, linked, sameScale]);

  const [origin] = useState(() => decodeList(Object.fromEntries(currentSearch())));
  const [hint] = useState(() => placeIn(currentSearch()));
  const neighbours = useNeighbours(activeId, origin, hint, slides[active]?.sharp ?? false);
  const leave = () => void navigate({ to: "/", search: { ...origin, id: activeId } });
  /** The same view of the list, one slide on: the place on the slide before means nothing there. */
  const step = (by: 1 | -1) => {
    const to = by > 0 ? neighbours?.next : neighbours?.previous;
    if (neighbours && to) choose(neighbours.place + by, to.id);
  };
  const choose = (place: number, to: string) => {
    const prefix = second ? (active === 0 ? "a." : "b.") : "";
    const search = encodeView(UNSAID, currentSearch(), prefix);
    forgetLayers(search, prefix);
    search.set("at", String(place));
    const rest = { search: Object.fromEntries(search), replace: true };
    if (!second) void navigate({ to: "/slides/$id", params: { id: to }, ...rest });
    else void navigate({ to: "/compare/$a/$b", params: active === 0 ? { a: to, b: second } : { a: ids[0], b: to }, ...rest });
  };
  const closePane = (index: number) => {
    const stays = ids[1 - index];
    if (stays) void navigate({ to: "/slides/$id", params: { id: stays } });
  };
  const split = () => {
    if (second) closePane(1 - active);
    else setChooses(true);
  };
  const activeSlide = slides[active] ?? null;
  const focusBy = (step: number) => {
    if (activeSlide) activeSlide.setPlane(scannedPlane(activeSlide.plane, activeSlide.opening?.planes.length ?? 1) + step);
  };
  const activePane = second ? (active === 0 ? "a." : "b.") : "";
  const annotator = useAnnotator(activePane);
  useDrawingKeys(annotator);
  const activeView = views[active] ?? null;
  usePeek(activeView);
  /** A computed plane, and by the same key back to the scanned ones. */
  const flipPlane = (wanted: ComputedPlane) => {
    if (!activeSlide) return;
    activeSlide.setPlane(activeSlide.plane === wanted ? scannedPlane(wanted, activeSlide.opening?.planes.length ?? 1) : wanted);
  };
  const actions: Actions = {
    keys: () => { setShowsKeys(true); },
    library: leave,
    nextSlide: () => { step(1); },
    previousSlide: () => { step(-1); },
    panel: flipPanel,
    overview: flipOverview,
    tray: flipTray,
    split,
    link: () => { if (second) flipLinked(); },
    sameScale: () => { if (second) flipSameScale(); },
    otherPane: () => { if (second) setActive(1 - active); },
    focusDown: () => { focusBy(-1); },
    focusUp: () => { focusBy(1); },
    bestFocus: () => { flipPlane("best-focus"); },
    extendedDepth: () => { flipPlane("extended-depth"); },
    ...channelActions(activeSlide),
    walk: () => { readings.current[active]?.walk(); },
    walkBack: () => { readings.current[active]?.walkBack(); },
    seenMask: flipMask,
    dimmer: () => { setDimmed(!dimmed); },
    secondWindow: () => {
      if (inStep) flipInStep();
      else {
        flipInStep();
        const search = currentSearch();
        search.set("step", "1");
        window.open(`${window.location.pathname}?${search}`, "_blank");
      }
    },
    detections: () => { if (activeView) layersOf(activeView).toggle("cells"); },
    heatmap: () => { if (activeView) layersOf(activeView).toggle("heatmap"); },
    palette: () => { useDialogs.setState({ open: "palette" }); },
  };
  useViewerKeys(activeView, actions);
  const pad = useRef({ view: activeView, actions });
  pad.current = { view: activeView, actions };
  useEffect(() => {
    const steering = new GamepadSteering(
      () => pad.current.view,
      () => {
        const { nextSlide, previousSlide, walk } = pad.current.actions;
        return { nextSlide: () => nextSlide?.(), previousSlide: () => previousSlide?.(), nextField: () => walk?.() };
      },
    );
    return () => { steering.destroy(); };
  }, []);
  useLentActions(
    "viewer",
    bindings.actions
      .filter((action) => action !== "palette" && action !== "peek" && action !== "library" && action !== "dimmer")
      .map((action) => ({
        name: `keys.${action}` as const,
        keys: keysOf(action),
        run: () => {
          const run = pad.current.actions[action];
          if (run) run();
          else if (action.startsWith("tool.")) annotator?.choose(action.slice("tool.".length) as Tool);
          else if (pad.current.view) steer(pad.current.view, action);
        },
      })),
  );
  useEffect(() => {
    if (person !== undefined) noteRecent(person, activeId);
  }, [person, activeId]);
  const onImage = (id: string) => {
    const search = encodeView(UNSAID, currentSearch(), "");
    forgetLayers(search, "");
    void navigate({ to: "/slides/$id", params: { id }, search: Object.fromEntries(search), replace: true });
  };
  useInStep(inStep && !second, ids[0], slides[0] ?? null, onImage);
  const listing = { q: origin.q ?? "", status: "available", sort: origin.sort ?? "newest" } as const;
  const isCompact = useCompact();
  const hasTray = tray && hint !== null && neighbours !== null && neighbours.total > 1;

  return (
    <div className="viewer">
      <title>{`${second ? t("compare.title", { a: nameA, b: nameB }) : nameA} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{second ? t("compare.title", { a: nameA, b: nameB }) : t("viewer.title", { name: nameA })}</h1>
      <InHeader>
        <IconButton icon="back" label={t("action.back")} keys={keysOf("library")} onPress={leave} />
        <IconButton
          icon="up"
          label={t("viewer.previousSlide")}
          keys={keysOf("previousSlide")}
          isDisabled={!neighbours?.previous}
          onPress={() => { step(-1); }}
        />
        <IconButton
          icon="down"
          label={t("viewer.nextSlide")}
          keys={keysOf("nextSlide")}
          isDisabled={!neighbours?.next}
          onPress={() => { step(1); }}
        />
        {neighbours && (
          <span className="second place-in-list">
            {t("viewer.placeInList", { number: number(neighbours.place + 1), total: number(neighbours.total) })}
          </span>
        )}
        <Identity id={activeId} />
        <span className="spring" />
        {inStep && <span className="chip">{t("viewer.inStep")}</span>}
        {hint !== null && neighbours !== null && neighbours.total > 1 && (
          <IconButton icon="list" label={t("tray.title")} keys={keysOf("tray")} pressed={tray} onPress={flipTray} />
        )}
        <IconButton icon="split" label={t(second ? "compare.close" : "viewer.split")} keys={keysOf("split")} pressed={second !== undefined} onPress={split} />
        <IconButton icon="panel" label={t("viewer.details")} keys={keysOf("panel")} pressed={panel} onPress={flipPanel} />
        <IconButton icon="keys" label={t("viewer.keys")} keys={keysOf("keys")} onPress={() => { setShowsKeys(true); }} />
        <PurposeChip />
      </InHeader>
      {hasTray && <SlideTray key={String(isCompact)} isStrip={isCompact} listing={listing} place={neighbours.place} onChoose={choose} />}
      <div className="panes">
        <ToolStrip view={activeView} pane={activePane} overview={overview} onOverview={flipOverview} mask={mask} onMask={flipMask} onWalk={() => readings.current[active]?.walk()} />
        <SlidePane
          key={`a/${ids[0]}`}
          id={ids[0]}
          prefix={second ? "a." : ""}
          ring={second !== undefined && active === 0}
          named={second !== undefined}
          name={nameA}
          overview={overview}
          mask={mask}
          onActive={() => { setActive(0); }}
          onView={onFirst}
          onReading={onFirstReading}
          onSlide={firstSlide}
        />
        {second && (
          <>
            <div className="gutter">
              <IconButton icon="link" label={t(linked ? "compare.unlink" : "compare.link")} keys={keysOf("link")} pressed={linked} onPress={flipLinked} />
              <IconButton
                icon="scale"
                label={comparable ? t("compare.sameScale") : t("compare.noScale")}
                keys={keysOf("sameScale")}
                pressed={sameScale && comparable}
                isDisabled={!comparable}
                onPress={flipSameScale}
              />
              {sameScale && comparable && <span className="second">{t("compare.sameScaleOn")}</span>}
              <IconButton icon="retry" label={t("compare.change")} onPress={() => { setChooses(true); }} />
            </div>
            <SlidePane
              key={`b/${second}`}
              id={second}
              prefix="b."
              ring={active === 1}
              named
              name={nameB}
              overview={overview}
              mask={mask}
              onActive={() => { setActive(1); }}
              onView={onSecond}
              onReading={onSecondReading}
              onSlide={secondSlide}
            />
          </>
        )}
      </div>
      {panel && <SlidePanel image={activeImage} slide={activeSlide} pane={activePane} onClose={flipPanel} />}
      <KeyMap isOpen={showsKeys} onClose={() => { setShowsKeys(false); }} />
      <SlideChooser
        isOpen={chooses}
        onClose={() => { setChooses(false); }}
        onChoose={(id) => {
          setChooses(false);
          void navigate({ to: "/compare/$a/$b", params: { a: ids[0], b: id } });
        }}
      />
    </div>
  );
}

export function ViewerPage() {
  const { id } = useParams({ from: "/slides/$id" });
  return <Viewer key={id} ids={[id]} />;
}

export function ComparePage() {
  const { a, b } = useParams({ from: "/compare/$a/$b" });
  return <Viewer key={`${a}/${b}`} ids={[a, b]} />;
}
