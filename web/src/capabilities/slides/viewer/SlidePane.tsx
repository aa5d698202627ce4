import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../../../api/client";
import { stateMetadata, thumbnailUrl } from "../../../api/slides";
import { useProblemText } from "../../../shell/problem";
import { Button } from "../../../ui/controls";
import { Icon } from "../../../ui/icons";
import { OverviewMap } from "../../../viewer/overview";
import { isComputed, scannedPlane } from "../../../viewer/planes";
import type { SlideView } from "../../../viewer/slide_view";
import { usePermission } from "../../access/me";
import { LayersShown } from "../../layers/LayersShown";
import { ReadingBars } from "../../reading/ReadingStatus";
import { pauseReading } from "../../reading/use_coverage";
import { useMask } from "../../reading/use_mask";
import { useReading, type Reading } from "../../reading/use_reading";
import { Annotations } from "../../annotations/Annotations";
import { GlassNeeded } from "../access/GlassNeeded";
import { StatusBar } from "./StatusBar";
import { useLayerAddress } from "./use_layer_address";
import { useSlide, type SlideOnScreen } from "./use_slide";

const MESSAGE_DELAY_MS = 800;
const ChannelCells = lazy(() => import("./ChannelCells").then((cells) => ({ default: cells.ChannelCells })));

interface SlidePaneProps {
  id: string;
  prefix: string;
  /** Frames the pane that has the keys. */
  ring: boolean;
  /** Several slides need their names next to them; one has it in the header. */
  named: boolean;
  name: string;
  /** What a screen reader calls the pane. */
  title: string;
  overview: boolean;
  /** Whether what was not seen lies under a veil. */
  mask: boolean;
  onActive: () => void;
  onView: (view: SlideView | null) => void;
  onReading: (reading: Reading) => void;
  onSlide: (slide: SlideOnScreen | null) => void;
  /** What stands over the slide and under it, of the page's own. */
  over?: ReactNode;
  under?: ReactNode;
}

function Overview({ id, view, reading }: { id: string; view: SlideView; reading: Reading }) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!holder.current) return;
    const map = new OverviewMap(holder.current, view);
    return () => {
      map.destroy();
    };
  }, [view]);
  const { width, height } = view.extent;
  return (
    <div className="overview" style={{ width: Math.max(150, Math.min(200, (160 * width) / height)) }}>
      <div ref={holder} className="overview-map" style={{ aspectRatio: `${width} / ${height}`, maxWidth: (160 * width) / height }}>
        <img src={thumbnailUrl(id, 512)} alt="" draggable={false} />
      </div>
      <ReadingBars reading={reading} view={view} />
    </div>
  );
}

/** Shown where the image does not say how large a pixel is, or not surely; a person can. */
function NoScale({ id, unverified, mayState }: { id: string; unverified: boolean; mayState: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [text, setText] = useState("");
  const [asking, setAsking] = useState(false);
  const figure = Number(text.replace(",", "."));
  const state = useMutation({
    mutationFn: async () => {
      const goOn = await pauseReading(id);
      try {
        return await stateMetadata(id, { spacing_um: figure });
      } catch (error) {
        goOn();
        throw error;
      }
    },
    onSuccess: async (fresh) => {
      client.setQueryData(["image", id], fresh);
      await client.resetQueries({ queryKey: ["opening", id] });
    },
  });
  return (
    <div className="notice warn no-scale">
      <Icon name="warning" />
      <span>{t(unverified ? "viewer.scaleUnverified" : "viewer.noScale")}</span>
      <span className="spring" />
      {mayState && !asking && <Button onPress={() => { setAsking(true); }}>{t("viewer.noScale.action")}</Button>}
      {asking && (
        <form
          className="field"
          onSubmit={(event) => {
            event.preventDefault();
            if (figure > 0) state.mutate();
          }}
        >
          <input
            className="input"
            size={8}
            inputMode="decimal"
            autoFocus
            aria-label={t("viewer.noScale.hint")}
            placeholder={t("viewer.noScale.hint")}
            value={text}
            onChange={(event) => { setText(event.target.value); }}
          />
          <Button type="submit" isPending={state.isPending} isDisabled={!(figure > 0)}>
            {t("detail.save")}
          </Button>
        </form>
      )}
      {state.error && <span role="alert">{problemText(state.error)}</span>}
    </div>
  );
}

export function SlidePane({ id, prefix, ring, named, name, title, overview, mask, onActive, onView, onReading, onSlide, over, under }: SlidePaneProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const element = useRef<HTMLDivElement>(null);
  const region = useRef<HTMLDivElement>(null);
  const slide = useSlide(id, prefix, element);
  const { view, opening } = slide;
  const reading = useReading(id, view);
  useMask(mask, element, view, reading.live);
  useLayerAddress(view, prefix);
  const mayState = usePermission("slides.describe");
  const [late, setLate] = useState(false);
  // Before the browser paints, so that a switch in the panel never shows its old state for a moment.
  useLayoutEffect(() => {
    onSlide(slide);
  }, [slide, onSlide]);
  useLayoutEffect(() => () => { onSlide(null); }, [onSlide]);
  useEffect(() => {
    onView(view);
    return () => { onView(null); };
  }, [view, onView]);
  useEffect(() => {
    onReading(reading);
  }, [reading, onReading]);
  useEffect(() => {
    const timer = setTimeout(() => { setLate(true); }, MESSAGE_DELAY_MS);
    return () => { clearTimeout(timer); };
  }, []);
  useEffect(() => {
    if (!view || !region.current) return;
    const pane = region.current;
    const stops = [
      view.on("gesture", () => { pane.classList.add("moving"); }),
      view.on("rest", () => { pane.classList.remove("moving"); }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [view]);
  const problem = slide.error;
  const maySeeMarks = usePermission("annotations.view");
  const mayBreak = usePermission("slides.break_glass");
  // Of slides of others it is not told that they are there, so the emergency is the reader's to declare.
  const [isEmergency, setEmergency] = useState(false);
  const isKept = problem instanceof Problem && (problem.code === "glass-needed" || (isEmergency && problem.code === "not-found"));
  const trust = opening?.scale_trust ?? "stored";
  const onPress = (event: React.PointerEvent) => {
    onActive();
    // The library keeps a press from moving the focus, which would stay on another slide.
    if (named && event.target instanceof Node && element.current?.contains(event.target)) region.current?.focus({ preventScroll: true });
  };
  const hasCells = slide.cells && slide.mixing !== null && view !== null;
  return (
    <section className={`pane ${ring ? "ring" : ""} ${hasCells ? "with-cells" : ""}`} onPointerDownCapture={onPress} onFocusCapture={onActive} onWheelCapture={onActive} aria-label={title}>
      {named && <h2 className="pane-name">{name}</h2>}
      {opening?.held_back === true && (
        <p className="notice warn no-scale">
          <Icon name="warning" />
          <span>{t("conformity.slide.held")}</span>
        </p>
      )}
      {trust !== "stored" && <NoScale id={id} unverified={trust === "unverified"} mayState={mayState} />}
      <div ref={region} className="slide-region" role="application" tabIndex={0} aria-label={t("viewer.region", { name: title })} data-pane={prefix}>
        {!view && slide.error === null && <img className="first-look" src={thumbnailUrl(id, 1024)} alt="" />}
        <div ref={element} className="slide" />
        {!opening && !slide.error && late && (
          <p className="slide-message" role="status">
            {t("viewer.opening")}
          </p>
        )}
        {isKept && <GlassNeeded id={id} onBroken={slide.retry} />}
        {problem !== null && !isKept && (
          <div className="slide-message" role="alert">
            <p>{t("viewer.failed")}</p>
            <p>{problemText(problem)}</p>
            <Button icon="retry" onPress={slide.retry}>
              {t("action.retry")}
            </Button>
            {mayBreak && problem instanceof Problem && problem.code === "not-found" && (
              <Button look="quiet" onPress={() => { setEmergency(true); }}>
                {t("glass.emergency")}
              </Button>
            )}
          </div>
        )}
        {view && maySeeMarks && <Annotations id={id} pane={prefix} view={view} plane={scannedPlane(slide.plane, view.opening.planes.length)} element={element} />}
        {overview && view && <Overview id={id} view={view} reading={reading} />}
        {view && <LayersShown view={view} />}
        {view && isComputed(slide.plane) && (
          <p className="computed-plane" role="status">
            {t(`viewer.computedLong.${slide.plane}`, { planes: view.opening.planes.length })}
          </p>
        )}
        {over}
      </div>
      {under}
      {hasCells && <Suspense fallback={<div className="channel-cells" />}><ChannelCells slide={slide} view={view} /></Suspense>}
      <StatusBar slide={slide} trust={trust} reading={reading} masked={mask} />
    </section>
  );
}
