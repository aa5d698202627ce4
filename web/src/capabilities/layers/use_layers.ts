/** The layers over a slide, for React; what draws them lives on without it. */
import { useEffect, useSyncExternalStore } from "react";
import { useSaidIn } from "../../i18n/said_in";
import { chordOf } from "../../viewer/bindings";
import { bindings } from "../../viewer/keys";
import { layersOf, type StackState } from "../../viewer/layers/stack";
import type { SlideView } from "../../viewer/slide_view";

export function useLayers(view: SlideView): StackState {
  const stack = layersOf(view);
  return useSyncExternalStore(stack.subscribe, stack.snapshot);
}

/** Names that are given in Chinese too. */
export function useLayerNames(): (named: { title: string; title_zh: string | null } | { name: string; name_zh: string | null }) => string {
  const said = useSaidIn();
  return (named) => ("title" in named ? said(named.title, named.title_zh) : said(named.name, named.name_zh));
}

/** Shows all layers as long as the key that peeks is held; a tap keeps them. */
export function usePeek(view: SlideView | null): void {
  useEffect(() => {
    if (!view) return;
    const stack = layersOf(view);
    let held: string | null = null;
    const onDown = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [role=dialog], .popover");
      const chord = chordOf(event);
      if (event.repeat || isElsewhere || chord === null || bindings.actionOf(chord) !== "peek" || document.querySelector(".veil, .popover")) return;
      held = event.code;
      stack.peek();
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.code !== held) return;
      held = null;
      stack.endPeek();
    };
    const onBlur = () => {
      held = null;
      stack.endPeek();
    };
    window.addEventListener("keydown", onDown);
    window.addEventListener("keyup", onUp);
    window.addEventListener("blur", onBlur);
    return () => {
      window.removeEventListener("keydown", onDown);
      window.removeEventListener("keyup", onUp);
      window.removeEventListener("blur", onBlur);
    };
  }, [view]);
}
