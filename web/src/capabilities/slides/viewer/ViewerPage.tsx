import "../library/library.css";
import "./viewer.css";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { withTexts } from "../../../i18n";
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
import { scannedPlane, type ComputedPlane } from "../../../viewer/planes";
import type { SlideView } from "../../../viewer/slide_view";
import { decodeView, encodeView, UNSAID } from "../../../viewer/view_state";
import { useMe, usePermission } from "../../access/me";
import { usePeek } from "../../layers/use_layers";
import type { Reading } from "../../reading/use_reading";
import { toolbox, useAnnotator } from "../../annotations/annotators";
import { useDrawingKeys } from "../../annotations/use_drawing_keys";
import { CaseIdentity, useImageCase } from "../../cases/CaseIdentity";
import { CaseTray } from "../../cases/CaseTray";
import { useCaseReading } from "../../cases/use_case_reading";
import { decodeFilter } from "../../cases/worklist_state";
import type { FindingActs } from "../../reports/at_hand";
import { poseOver, type Region } from "../../reports/place";
import { PurposeChip } from "../access/PurposeChip";
import { imageQuery, useRevision } from "../library/images";
import { decodeList } from "../library/library_state";
import { currentSearch, dropWaiting, writeSearch } from "./address";
import { channelActions } from "./channel_keys";
import { KeyMap } from "./KeyMap";
import { useNeighbours } from "./neighbours";
import { EmptyPane, Gutter, PaneGrid, PaneMenu } from "./PaneGrid";
import { activeIn, forget, keepOnly, nameActive, PANE_PREFIXES, panesOf, pathOf, prefixOf, twoOf, type PaneIds } from "./panes";
import { SlideChooser } from "./SlideChooser";
import { SlidePane } from "./SlidePane";
import { SlidePanel } from "./SlidePanel";
import { SlideTray } from "./SlideTray";
import { ToolStrip } from "./ToolStrip";
import { useComparison, type PaneState } from "./use_comparison";
import { useInStep } from "./use_in_step";
import type { SlideOnScreen } from "./use_slide";
import { useSwitch } from "./use_switch";
import { useBindings, useViewerKeys, type Actions } from "./use_viewer_keys";

const ReportPanel = lazy(() => withTexts(import("../../reports/ReportPanel"), "annotations", "cases", "grossing", "orders", "reports", "viewer").then((loaded) => ({ default: loaded.ReportPanel })));

function Identity({ id }: { id: string }) {
  const image = useQuery(imageQuery(id)).data;
  const linked = useImageCase(id);
  if (linked?.case) return <CaseIdentity shown={linked.case} identifier={linked.identifier} stain={image?.stain ?? ""} />;
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

const NOTHING: PaneState = { view: null, slide: null };

/** What the panes told, and for each the ways to tell it, which stay the same. */
function usePaneStates() {
  const [states, setStates] = useState<readonly PaneState[]>(() => PANE_PREFIXES.map(() => NOTHING));
  // Told many times a minute, and only asked by keys.
  const readings = useRef<(Reading | null)[]>(PANE_PREFIXES.map(() => null));
  const [tells] = useState(() =>
    PANE_PREFIXES.map((_, pane) => {
      const tell = (patch: Partial<PaneState>) => {
        setStates((before) => before.map((state, at) => (at === pane ? { ...state, ...patch } : state)));
      };
      return {
        onView: (view: SlideView | null) => { tell({ view }); },
        onSlide: (slide: SlideOnScreen | null) => { tell({ slide }); },
        onReading: (reading: Reading) => { readings.current[pane] = reading; },
      };
    }),
  );
  const [first, second, third, fourth] = states.map(({ view }) => view);
  const views = useMemo(() => [first ?? null, second ?? null, third ?? null, fourth ?? null], [first, second, third, fourth]);
  return { states, tells, views, readings };
}

function Viewer({ ids }: { ids: PaneIds }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const navigate = useNavigate();
  const [panel, flipPanel] = useSwitch("panel", false);
  const [overview, flipOverview] = useSwitch("overview", true);
  const [mask, flipMask] = useSwitch("seen", false);
  const [tray, flipTray] = useSwitch("tray", true);
  const [report, flipReport] = useSwitch("report", false);
  const [inStep, flipInStep] = useSwitch("step", false);
  const { dimmed, setDimmed } = usePreferences();
  const person = useMe().data?.person_id;
  useBindings();
  const [linked, flipLinked] = useSwitch("link", true);
  const [sameScale, flipSameScale] = useSwitch("scale", true);
  const [showsKeys, setShowsKeys] = useState(false);
  /** The pane that a slide is being chosen for. */
  const [chooses, setChooses] = useState<number | null>(null);
  const [active, setActive] = useState(() => activeIn(currentSearch(), ids.length));
  const { states, tells, views, readings } = usePaneStates();
  const isMany = ids.length > 1;
  const firstId = ids.find((id) => id !== null) ?? "";
  const activeId = ids[active] ?? firstId;
  const { data: activeImage, error: imageError } = useQuery(imageQuery(activeId));
  const names = useQueries({ queries: ids.map((id) => ({ ...imageQuery(id ?? firstId), enabled: id !== null })) }).map(({ data }, pane) => (ids[pane] === null ? "" : (data?.name ?? "")));
  useRevision(false);
  useEffect(() => dropWaiting, []);
  // Whoever opens a slide means to look first.
  useEffect(() => () => { toolbox.set({ tool: "move" }); }, []);

  useEffect(() => {
    if (active >= ids.length) setActive(0);
  }, [active, ids.length]);
  const shownAt = pathOf(ids);
  useEffect(() => {
    if (isMany) writeSearch((search) => { nameActive(search, active); });
  }, [active, isMany, shownAt]);
  const compared = useComparison({ ids, names, states, views, active, linked, sameScale, onActive: setActive });

  const [origin] = useState(() => decodeList(Object.fromEntries(currentSearch())));
  const [hint] = useState(() => placeIn(currentSearch()));
  const sharp = states[active]?.slide?.sharp ?? false;
  const [fromWorklist] = useState(() => currentSearch().has("queue"));
  const reading = useCaseReading(activeId, currentSearch(), sharp);
  const listed = useNeighbours(activeId, origin, hint, sharp, !fromWorklist);
  const neighbours = reading ?? listed;
  const leave = () => {
    if (reading) reading.leave();
    else if (fromWorklist) void navigate({ to: "/worklist", search: decodeFilter(Object.fromEntries(currentSearch())) });
    else void navigate({ to: "/", search: { ...origin, id: activeId } });
  };
  /** The same view of the list, one slide on: the place on the slide before means nothing there. */
  const step = (by: 1 | -1) => {
    const to = by > 0 ? neighbours?.next : neighbours?.previous;
    if (neighbours && to) choose(neighbours.place + by, to.id);
  };
  const go = (next: PaneIds, search: URLSearchParams, replace = false) => {
    const rest = { search: Object.fromEntries(search), replace };
    const [only] = next;
    if (next.length === 1) void navigate({ to: "/slides/$id", params: { id: only ?? firstId }, ...rest });
    else void navigate({ to: "/compare/$", params: { _splat: pathOf(next) }, ...rest });
  };
  const choose = (place: number, to: string) => {
    const search = forget(currentSearch(), prefixOf(ids, active));
    if (!reading) search.set("at", String(place));
    go(ids.map((id, pane) => (pane === active ? to : id)), search, true);
  };
  /** Another number of panes: those that go take what the address says of them along, the active one stays. */
  const showPanes = (count: 1 | 2 | 4) => {
    if (count === ids.length) return;
    const search = currentSearch();
    if (count === 1) {
      const stays = ids[active] === null ? ids.indexOf(firstId) : active;
      go([ids[stays] ?? firstId], keepOnly(search, prefixOf(ids, stays), ""));
    } else if (!isMany) go([firstId, ...Array<null>(count - 1).fill(null)], keepOnly(search, "", "a."));
    else if (count === 4) go([...ids, null, null], search);
    else {
      // Of those that stay, the places in the address change too.
      const two = twoOf(ids, active);
      const looks = two.map((pane) => decodeView(search, PANE_PREFIXES[pane]));
      for (const prefix of PANE_PREFIXES) forget(search, prefix);
      looks.forEach((look, pane) => encodeView(look, search, PANE_PREFIXES[pane]));
      go(two.map((pane) => ids[pane] ?? null), search);
      setActive(two.indexOf(active));
    }
  };
  const split = () => {
    if (isMany) showPanes(1);
    else setChooses(1);
  };
  const put = (pane: number, id: string) => {
    if (isMany) go(ids.map((before, at) => (at === pane ? id : before)), forget(currentSearch(), prefixOf(ids, pane)));
    else go([firstId, id], keepOnly(currentSearch(), "", "a."));
    setActive(pane);
  };
  /** Takes the keys, and the attention of a screen reader, to a pane. */
  const goTo = (pane: number) => {
    setActive(pane);
    document.querySelector<HTMLElement>(`[data-pane="${prefixOf(ids, pane)}"]`)?.focus({ preventScroll: true });
  };
  const activeSlide = states[active]?.slide ?? null;
  const focusBy = (step: number) => {
    if (activeSlide) activeSlide.setPlane(scannedPlane(activeSlide.plane, activeSlide.opening?.planes.length ?? 1) + step);
  };
  const activePane = prefixOf(ids, active);
  const annotator = useAnnotator(activePane);
  useDrawingKeys(annotator);
  const activeView = views[active] ?? null;
  const mayReadReports = usePermission("cases.view_patient");
  const reported = useImageCase(activeId)?.case;
  const hasReport = mayReadReports && reported != null;
  /** Looks at a place that the report points at, on the slide that has it. */
  const showPlace = (image: string, region: Region) => {
    const pane = ids.indexOf(image);
    const view = views[pane] ?? null;
    const [field, closest] = [(view ?? activeView)?.fieldSize ?? { width: 800, height: 600 }, view?.spacing.x ?? 0.1];
    const pose = poseOver(region, field, closest);
    if (view) {
      setActive(pane);
      view.setPose(pose);
      return;
    }
    const search = encodeView({ ...UNSAID, pose }, forget(currentSearch(), activePane), activePane);
    go(ids.map((id, at) => (at === active ? image : id)), search);
  };
  const findings = useRef<FindingActs | null>(null);
  const [lend] = useState(() => (acts: FindingActs | null) => { findings.current = acts; });
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
    nextCase: () => { reading?.nextCase(1); },
    previousCase: () => { reading?.nextCase(-1); },
    panel: flipPanel,
    overview: flipOverview,
    tray: flipTray,
    report: () => { if (hasReport) flipReport(); },
    nextFinding: () => findings.current?.step(1),
    previousFinding: () => findings.current?.step(-1),
    acceptStatement: () => findings.current?.accept(),
    rejectStatement: () => findings.current?.reject(),
    changeStatement: () => findings.current?.change(),
    split,
    fourPanes: () => { showPanes(ids.length === 4 ? 2 : 4); },
    link: () => { if (isMany) flipLinked(); },
    sameScale: () => { if (isMany) flipSameScale(); },
    ...compared.actions,
    otherPane: () => { if (isMany) goTo((active + 1) % ids.length); },
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
  useViewerKeys(activeView, actions, isMany);
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
  useInStep(inStep, {
    ids,
    active,
    slides: ids.map((_, pane) => states[pane]?.slide ?? null),
    views,
    onSlides: ({ images, panes }) => {
      const search = currentSearch();
      for (const prefix of ["", ...PANE_PREFIXES]) forget(search, prefix);
      panes.forEach((pane, at) => { if (pane) encodeView({ ...UNSAID, ...pane }, search, prefixOf(images, at)); });
      go(images, search, true);
    },
    onActive: setActive,
    onPlaced: () => { compared.link?.keep(); },
  });
  const listing = { q: origin.q ?? "", status: "available", sort: origin.sort ?? "newest" } as const;
  const isCompact = useCompact();
  const mayTray = neighbours !== null && neighbours.total > 1 && (reading !== null || hint !== null);
  const hasTray = tray && mayTray;

  const title = names.filter(Boolean).join(" · ");
  const paneTitle = (pane: number) => {
    const name = names[pane] ?? "";
    if (!isMany) return name;
    return t(ids[pane] === null ? "compare.emptyPane" : "compare.pane", { number: pane + 1, total: ids.length, name });
  };
  const panes = ids.map((id, pane) => {
    const shared = { prefix: prefixOf(ids, pane), ring: isMany && active === pane, onActive: () => { setActive(pane); } };
    const tell = tells[pane];
    if (id === null || !tell) return <EmptyPane key={shared.prefix} {...shared} name={paneTitle(pane)} onChoose={() => { setChooses(pane); }} />;
    return <SlidePane key={`${shared.prefix}/${id}`} {...shared} {...tell} {...compared.around(pane)} id={id} named={isMany} name={names[pane] ?? ""} title={paneTitle(pane)} overview={overview} mask={mask} />;
  });

  return (
    <div className="viewer">
      <title>{`${title} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{isMany ? t("compare.title", { names: title }) : t("viewer.title", { name: title })}</h1>
      <InHeader>
        <IconButton icon="back" label={t(fromWorklist ? "cases.back" : "action.back")} keys={keysOf("library")} onPress={leave} />
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
        {mayTray && (
          <IconButton icon="list" label={t(reading ? "cases.tray" : "tray.title")} keys={keysOf("tray")} pressed={tray} onPress={flipTray} />
        )}
        <PaneMenu count={ids.length} onCount={(count) => { if (count === 2 && !isMany) split(); else showPanes(count); }} />
        {hasReport && <IconButton icon="file" label={t("report.title")} keys={keysOf("report")} pressed={report} onPress={flipReport} />}
        <IconButton icon="panel" label={t("viewer.details")} keys={keysOf("panel")} pressed={panel} onPress={flipPanel} />
        <IconButton icon="keys" label={t("viewer.keys")} keys={keysOf("keys")} onPress={() => { setShowsKeys(true); }} />
        <PurposeChip />
      </InHeader>
      {hasTray &&
        (reading ? (
          <CaseTray reading={reading} isStrip={isCompact} onChoose={(to) => { choose(0, to); }} />
        ) : (
          <SlideTray key={String(isCompact)} isStrip={isCompact} listing={listing} place={neighbours.place} onChoose={choose} />
        ))}
      <div className="stage">
        <ToolStrip view={activeView} pane={activePane} overview={overview} onOverview={flipOverview} mask={mask} onMask={flipMask} onWalk={() => readings.current[active]?.walk()} />
      <PaneGrid
        panes={panes}
        alone={compared.alone}
        gutter={
          <Gutter
            linked={linked}
            onLinked={flipLinked}
            sameScale={sameScale}
            comparable={compared.comparable}
            onSameScale={flipSameScale}
            onChange={() => { setChooses(active); }}
            link={compared.link}
          >
            {compared.buttons}
          </Gutter>
        }
      />
      </div>
      {compared.panel}
      {panel && !compared.panel && <SlidePanel image={activeImage} error={imageError} slide={activeSlide} pane={activePane} onClose={flipPanel} />}
      {report && hasReport && (
        <Suspense>
          <ReportPanel caseId={reported.id} places={{ beside: { image: activeId, view: activeView, pane: activePane }, go: showPlace, lend }} onClose={flipReport} />
        </Suspense>
      )}
      <KeyMap isOpen={showsKeys} onClose={() => { setShowsKeys(false); }} />
      <SlideChooser
        isOpen={chooses !== null}
        onClose={() => { setChooses(null); }}
        onChoose={(id) => {
          setChooses(null);
          if (chooses !== null) put(chooses, id);
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
  const { _splat } = useParams({ from: "/compare/$" });
  return <Viewer ids={panesOf(_splat ?? "")} />;
}
