/** Opens a slide and puts it on the screen. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { openImage, openingQuery } from "../../../api/slides";
import type { Opening } from "../../../api/types";
import { reducedMotion, usePreferences, wheelOf } from "../../../shell/preferences";
import { decodeChannels, defaultSettings, encodeChannels, type ChannelSetting } from "../../../viewer/channels";
import { SlideView } from "../../../viewer/slide_view";
import { decodeView, encodeView } from "../../../viewer/view_state";
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
  plane: number;
  setPlane: (plane: number) => void;
  channels: ChannelSetting[];
  setChannels: (channels: ChannelSetting[]) => void;
  resetChannels: () => void;
}

/** `prefix` tells the keys of two panes in one address apart. */
export function useSlide(id: string, prefix: string, element: RefObject<HTMLElement | null>): SlideOnScreen {
  const { data: opening, error, refetch } = useQuery(openingQuery(id));
  const [view, setView] = useState<SlideView | null>(null);
  const [sharp, setSharp] = useState(false);
  const [failed, setFailed] = useState(0);
  const [plane, setPlaneState] = useState(0);
  const [channels, setChannelState] = useState<ChannelSetting[]>([]);
  const look = useRef({ plane: 0, channels: null as string | null });

  useEffect(() => {
    if (!opening || !element.current) return;
    const state = decodeView(currentSearch(), prefix);
    const defaults = defaultSettings(opening.channels);
    const settings = state.channels === null ? defaults : decodeChannels(state.channels, defaults);
    const first = Math.min(state.plane, Math.max(0, opening.planes.length - 1));
    const next = new SlideView(element.current, {
      opening,
      pose: state.pose,
      flip: state.flip,
      plane: first,
      channels: settings,
      drawer: currentSearch().get("drawer") === "canvas" ? "canvas" : "auto",
      reducedMotion: reducedMotion(),
      wheel: wheelOf(usePreferences.getState().settings),
      thrift: isThrifty(),
      renew: () => openImage(id, opening.opening_id),
    });
    look.current = { plane: first, channels: state.channels };
    setPlaneState(first);
    setChannelState(settings);
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
  useEffect(() => { view?.setThrift(thrift); }, [view, thrift]);

  return useMemo(() => {
    const writeLook = (patch: Partial<typeof look.current>) => {
      Object.assign(look.current, patch);
      if (!view) return;
      writeSearch((search) => {
        encodeView({ pose: view.pose(), flip: view.flipped, ...look.current }, search, prefix);
      });
    };
    const applyChannels = (next: ChannelSetting[], spelled: string | null) => {
      setChannelState(next);
      view?.setChannels(next);
      writeLook({ channels: spelled });
    };
    return {
      opening,
      error,
      retry: () => void refetch(),
      view,
      sharp,
      failed,
      plane,
      setPlane: (wanted: number) => {
        const next = Math.min(Math.max(wanted, 0), (opening?.planes.length ?? 1) - 1);
        setPlaneState(next);
        view?.setPlane(next);
        writeLook({ plane: next });
      },
      channels,
      setChannels: (next: ChannelSetting[]) => {
        applyChannels(next, encodeChannels(next));
      },
      resetChannels: () => {
        if (opening) applyChannels(defaultSettings(opening.channels), null);
      },
    };
  }, [opening, error, refetch, view, sharp, failed, plane, channels, prefix]);
}
