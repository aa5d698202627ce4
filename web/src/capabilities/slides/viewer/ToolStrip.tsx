import { useTranslation } from "react-i18next";
import { IconButton } from "../../../ui/controls";
import { keysOf } from "../../../viewer/keys";
import type { SlideView } from "../../../viewer/slide_view";
import { DrawingTools, useToolCount } from "../../annotations/DrawingTools";

interface ToolStripProps {
  view: SlideView | null;
  /** The pane that has the keys. */
  pane: string;
  overview: boolean;
  onOverview: () => void;
  mask: boolean;
  onMask: () => void;
  onWalk: () => void;
}

const ZOOM = 1.5;
const TURN = 90;
const OWN_TOOLS = 9;

/** The few moves that people look for with the mouse; every one has a key. */
export function ToolStrip({ view, pane, overview, onOverview, mask, onMask, onWalk }: ToolStripProps) {
  const { t } = useTranslation();
  const drawing = useToolCount(pane);
  return (
    <div className="tools" data-draws={drawing > 1 ? "yes" : "no"} style={{ "--tools": OWN_TOOLS + drawing } as React.CSSProperties} role="toolbar" aria-orientation="vertical" aria-label={t("viewer.tools")}>
      <IconButton tip="right" icon="plus" label={t("viewer.zoomIn")} keys={keysOf("zoomIn")} onPress={() => view?.zoomBy(ZOOM)} />
      <IconButton tip="right" icon="minus" label={t("viewer.zoomOut")} keys={keysOf("zoomOut")} onPress={() => view?.zoomBy(1 / ZOOM)} />
      <IconButton tip="right" icon="fit" label={t("viewer.fit")} keys={keysOf("fit")} onPress={() => view?.fit()} />
      <IconButton tip="right" icon="left" label={t("viewer.turnLeft")} keys={keysOf("turnLeft")} onPress={() => view?.rotateBy(-TURN)} />
      <IconButton tip="right" icon="right" label={t("viewer.turnRight")} keys={keysOf("turnRight")} onPress={() => view?.rotateBy(TURN)} />
      <IconButton tip="right" icon="mirror" label={t("viewer.mirror")} keys={keysOf("mirror")} onPress={() => view?.setFlip(!view.flipped)} />
      <IconButton tip="right" icon="map" label={t("viewer.overview")} keys={keysOf("overview")} pressed={overview} onPress={onOverview} />
      <IconButton tip="right" icon="walk" label={t("keys.walk")} keys={keysOf("walk")} onPress={onWalk} />
      <IconButton tip="right" icon="seen" label={t("keys.seenMask")} keys={keysOf("seenMask")} pressed={mask} onPress={onMask} />
      <DrawingTools pane={pane} />
    </div>
  );
}
