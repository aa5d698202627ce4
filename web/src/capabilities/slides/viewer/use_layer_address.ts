/** Which layers are on stands in the address, so that a link shows what its sender saw. */
import { useEffect } from "react";
import { layersOf } from "../../../viewer/layers/stack";
import type { SlideView } from "../../../viewer/slide_view";
import { layersKey } from "../../../viewer/view_state";
import { currentSearch, writeSearch } from "./address";

export function useLayerAddress(view: SlideView | null, prefix: string): void {
  useEffect(() => {
    if (!view) return;
    const stack = layersOf(view);
    let asked = (currentSearch().get(layersKey(prefix)) ?? "").split(",").filter(Boolean);
    const step = () => {
      const { layers, peeking } = stack.snapshot();
      if (layers === null || peeking) return;
      // What the address names is put on once, as soon as it is known what there is.
      const wanted = layers.filter(({ summary }) => asked.includes(summary.id));
      asked = [];
      for (const { summary } of wanted) void stack.setOn(summary.id, true);
      if (wanted.length > 0) return;
      const on = layers.filter((layer) => layer.on).map(({ summary }) => summary.id).join(",");
      if ((currentSearch().get(layersKey(prefix)) ?? "") === on) return;
      writeSearch((search) => {
        if (on) search.set(layersKey(prefix), on);
        else search.delete(layersKey(prefix));
      });
    };
    step();
    return stack.subscribe(step);
  }, [view, prefix]);
}
