import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/controls";
import { type IconName } from "../../ui/icons";
import { TOOLS, type Tool } from "../../viewer/annotate/drawing";
import { keysOf } from "../../viewer/keys";
import { useAnnotator, useTools } from "./annotators";

const ICONS: Readonly<Record<Tool, IconName>> = {
  move: "hand",
  rectangle: "rectangle",
  ellipse: "ellipse",
  polygon: "polygon",
  polyline: "polyline",
  line: "line",
  arrow: "arrow",
  ruler: "scale",
  point: "point",
  points: "points",
  brush: "brush",
  wand: "wand",
};

/** How many buttons `DrawingTools` has. */
export function useToolCount(pane: string): number {
  const annotator = useAnnotator(pane);
  return annotator ? 1 + (annotator.mayDraw ? TOOLS.length : 0) : 0;
}

/** Tools to draw with, and whether annotations are shown. */
export function DrawingTools({ pane }: { pane: string }) {
  const { t } = useTranslation();
  const { tool, visible } = useTools();
  const annotator = useAnnotator(pane);
  if (!annotator) return null;
  const take = (next: Tool) => {
    annotator.choose(next);
    // From here on keys act on the slide, as after a key that chooses a tool.
    document.querySelector<HTMLElement>(`[data-pane="${pane}"]`)?.focus({ preventScroll: true });
  };
  return (
    <div className="drawing-tools" role="group" aria-label={t("annotate.tools")}>
      {annotator.mayDraw &&
        TOOLS.map((each) => (
          <IconButton key={each} tip="right" icon={ICONS[each]} label={t(`annotate.tool.${each}`)} keys={keysOf(`tool.${each}`)} pressed={tool === each} onPress={() => { take(each); }} />
        ))}
      <IconButton tip="right" icon="eye" label={t("annotate.show")} keys="A" pressed={visible} onPress={() => { annotator.show(!visible); }} />
    </div>
  );
}
