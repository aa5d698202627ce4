import { useEffect, useRef, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { channelName } from "../../../viewer/channel_presets";
import type { SlideView } from "../../../viewer/slide_view";
import type { SlideOnScreen } from "./use_slide";

const ZOOM = 1.3;

/** Every channel that is on, alone, at the place and scale of the mix beside it. Moving in a cell moves all. */
export function ChannelCells({ slide, view }: { slide: SlideOnScreen; view: SlideView }) {
  const { t } = useTranslation();
  const holder = useRef<HTMLDivElement>(null);
  const shown = slide.channels.filter(({ visible }) => visible);
  const numbers = shown.map(({ number }) => number).join(",");
  const ableHere = slide.mixing?.by === "browser";
  useEffect(() => {
    const element = holder.current;
    if (!element || !ableHere) return;
    view.setCells([...element.querySelectorAll("canvas")].map((canvas) => ({ channel: Number(canvas.dataset["channel"]), canvas })));
    const resized = new ResizeObserver(() => { view.redraw(); });
    resized.observe(element);
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      view.zoomBy(event.deltaY < 0 ? ZOOM : 1 / ZOOM);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      resized.disconnect();
      element.removeEventListener("wheel", onWheel);
      view.setCells([]);
    };
  }, [view, numbers, ableHere]);
  const grab = (event: PointerEvent<HTMLElement>) => { event.currentTarget.setPointerCapture(event.pointerId); };
  const pull = (event: PointerEvent<HTMLElement>) => {
    if (event.buttons === 1) view.panByPixels(-event.movementX, -event.movementY);
  };
  if (!ableHere) {
    return (
      <div className="channel-cells">
        <p className="slide-message">{t("channels.noCells")}</p>
      </div>
    );
  }
  return (
    <div ref={holder} className={`channel-cells ${shown.length > 3 ? "two-columns" : ""}`} role="group" aria-label={t("channels.cells")}>
      {shown.map(({ number }) => (
        <figure key={number} onPointerDown={grab} onPointerMove={pull}>
          <canvas data-channel={number} />
          <figcaption>{channelName(view.opening.channels, number)}</figcaption>
        </figure>
      ))}
    </div>
  );
}
