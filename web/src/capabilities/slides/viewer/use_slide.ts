/** Opens a slide and puts it on the screen. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { openImage } from "../../../api/slides";
import type { Opening, SlideLook } from "../../../api/types";
import { reducedMotion, usePreferences, wheelOf } from "../../../shell/preferences";
import { decodeChannels, defaultSettings, encodeChannels, firstSettings, type ChannelSetting } from "../../../viewer/channels";
import { planeWithin, type Plane } from "../../../viewer/planes";
import type { DrawerName, Mixing } from "../../../viewer/slide_tiles";
import { SlideView } from "../../../viewer/slide_view";
import { decodeView, encodeView, UNSAID, type ViewState } from "../../../viewer/view_state";
import { forgetOpening, openingQuery } from "../access/opening";
import { currentSearch, writeNow, writeSearch } from "./address";
import { isThrifty, useThrift } from "./use_thrift";

declare global {
  interface Window {
    /** The slides on the screen, for tests and for people at the console. */
    hemalumViews?: Map<string, SlideView>;
  }
}

export interface SlideOnScreen {
  opening: Opening | undefined;
  error: unknown;
  retry: () => void;
  view: SlideView | null;
  sharp: boolean;
  failed: number;
  plane: Plane;
  setPlane: (plane: Plane) => void;
  channels: ChannelSetting[];
  setChannels: (channels: ChannelSetting[]) => void;
  /** Back to what every reader begins with. */
  resetChannels: () => void;
  /** As the image proposes, whatever every reader begins with. */
  ownChannels: () => void;
  /** What every reader begins with, where somebody said so. */
  firstLook: SlideLook | null;
  setFirstLook: (look: SlideLook | null) => void;
  /** The one channel that is shown alone, else null. */
  solo: number | null;
  setSolo: (channel: number | null) => void;
  /** Who mixes the channels; null where there are none to mix. */
  mixing: Mixing | null;
  setSparing: (sparing: boolean) => void;
  /** Whether every channel has a cell of its own. */
  cells: boolean;
  setCells: (cells: boolean) => void;
}

type Look = Omit<ViewState, "pose" | "flip">;

/** Whether the reader asked their browser to spare data. */
const drawerNamed = (name: string | null): DrawerName | "auto" => (name === "canvas" || name === "webgl2" ? name : "auto");
const savesData = () => (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;

/** `prefix` tells the keys of two panes in one address apart. */
export function useSlide(id: string, prefix: string, element: RefObject<HTMLElement | null>): SlideOnScreen {
  const { data: opening, error, refetch } = useQuery(openingQuery(id));
  const [view, setView] = useState<SlideView | null>(null);
  const [sharp, setSharp] = useState(false);
  const [failed, setFailed] = useState(0);
  const [channels, setChannelState] = useState<ChannelSetting[]>([]);
  const [firstLook, setFirstLook] = useState<SlideLook | null>(null);
  const [mixing, setMixing] = useState<Mixing | null>(null);
  const [shown, setShown] = useState<Look>(UNSAID);
  const look = useRef<Look>(UNSAID);

  useEffect(() => {
    if (!opening || !element.current) return;
    forgetOpening(id);
    const state = decodeView(currentSearch(), prefix);
    const defaults = defaultSettings(opening.channels);
    const settings = state.channels === null ? firstSettings(opening.channels, opening.look) : decodeChannels(state.channels, defaults);
    const solo = state.solo !== null && state.solo < settings.length ? state.solo : null;
    const { channels: spelled, cells } = state;
    const first: Look = { plane: planeWithin(state.plane, opening.planes.length), channels: spelled, solo, sparing: state.sparing || savesData(), cells };
    const next = new SlideView(element.current, {
      opening,
      pose: state.pose,
      flip: state.flip,
      plane: first.plane,
      channels: settings,
      solo,
      sparing: first.sparing,
      drawer: drawerNamed(currentSearch().get("drawer")),
      reducedMotion: reducedMotion(),
      wheel: wheelOf(usePreferences.getState().settings),
      thrift: isThrifty(),
      renew: () => openImage(id, opening.opening_id),
    });
    look.current = first;
    setShown(first);
    setChannelState(settings);
    setFirstLook(opening.look);
    setMixing(opening.mode === "composite" ? next.tiles.mixing : null);
    setSharp(false);
    setFailed(0);
    const write = () => {
      writeSearch((search) => {
        encodeView({ pose: next.pose(), flip: next.flipped, ...look.current }, search, prefix);
      });
    };
    next.on("move", write);
    next.on("rest", write);
    next.on("sharp", setSharp);
    next.on("failed", setFailed);
    next.on("mixing", setMixing);
    window.hemalumViews ??= new Map();
    const views = window.hemalumViews;
    next.on("ready", () => {
      views.set(prefix, next);
      setView(next);
    });
    return () => {
      writeNow();
      views.delete(prefix);
      setView(null);
      next.destroy();
    };
  }, [opening, id, prefix, element]);

  const settings = usePreferences((state) => state.settings);
  useEffect(() => { view?.setWheel(wheelOf(settings)); }, [view, settings]);
  const thrift = useThrift();
  useEffect(() => { view?.tiles.setThrift(thrift); }, [view, thrift]);

  return useMemo(() => {
    const writeLook = (patch: Partial<Look>) => {
      look.current = { ...look.current, ...patch };
      setShown(look.current);
      if (!view) return;
      writeSearch((search) => {
        encodeView({ pose: view.pose(), flip: view.flipped, ...look.current }, search, prefix);
      });
    };
    const applyChannels = (next: ChannelSetting[], spelled: string | null) => {
      setChannelState(next);
      view?.tiles.setChannels(next, look.current.solo);
      writeLook({ channels: spelled });
    };
    return {
      opening,
      error,
      retry: () => void refetch(),
      view,
      sharp,
      failed,
      plane: shown.plane,
      setPlane: (wanted: Plane) => {
        const next = planeWithin(wanted, opening?.planes.length ?? 1);
        view?.tiles.setPlane(next);
        writeLook({ plane: next });
      },
      channels,
      setChannels: (next: ChannelSetting[]) => {
        applyChannels(next, encodeChannels(next));
      },
      resetChannels: () => {
        if (opening) applyChannels(firstSettings(opening.channels, firstLook), null);
      },
      ownChannels: () => {
        if (!opening) return;
        const own = defaultSettings(opening.channels);
        applyChannels(own, encodeChannels(own));
      },
      firstLook,
      setFirstLook,
      solo: shown.solo,
      setSolo: (solo: number | null) => {
        view?.tiles.setChannels(channels, solo);
        writeLook({ solo });
      },
      mixing,
      setSparing: (sparing: boolean) => {
        view?.tiles.setSparing(sparing);
        writeLook({ sparing });
      },
      cells: shown.cells,
      setCells: (cells: boolean) => { writeLook({ cells }); },
    };
  }, [opening, error, refetch, view, sharp, failed, channels, firstLook, mixing, shown, prefix]);
}
