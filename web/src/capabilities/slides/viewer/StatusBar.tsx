/** What a reader must know of the field: scale, power, area, place, sharpness. Written past React on every frame. */
import { useEffect, useRef } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { THIN_SPACE, useFormats } from "../../../i18n/format";
import type { Opening } from "../../../api/types";
import { Button } from "../../../ui/controls";
import { fieldArea, OBJECTIVES, objectiveOf, scaleBar, umPerPxOf } from "../../../viewer/scale";
import { keysOf } from "../../../viewer/keys";
import { channelName } from "../../../viewer/channel_presets";
import type { Pose } from "../../../viewer/view_state";
import { ReadingStatus } from "../../reading/ReadingStatus";
import type { Reading } from "../../reading/use_reading";
import { PlaneChooser } from "./PlaneChooser";
import type { SlideOnScreen } from "./use_slide";
import { useThrift } from "./use_thrift";

const WIDEST_BAR_PX = 160;
const SUMMARY_DELAY_MS = 800;

interface StatusBarProps {
  slide: SlideOnScreen;
  trust: Opening["scale_trust"];
  reading: Reading;
  masked: boolean;
}

export function StatusBar({ slide, trust, reading, masked }: StatusBarProps) {
  const scaled = trust !== "missing";
  const { t } = useTranslation();
  const formats = useFormats();
  const { view, opening } = slide;
  const bar = useRef<HTMLSpanElement>(null);
  const barText = useRef<HTMLSpanElement>(null);
  const power = useRef<HTMLSpanElement>(null);
  const area = useRef<HTMLSpanElement>(null);
  const turn = useRef<HTMLSpanElement>(null);
  const place = useRef<HTMLSpanElement>(null);
  const summary = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    if (!view) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = (element: HTMLElement | null, text: string) => {
      if (element && element.textContent !== text) element.textContent = text;
    };
    const magnification = (pose: Pose) =>
      scaled ? `${formats.figure(objectiveOf(pose.z))}×` : formats.percent(1 / (pose.z * window.devicePixelRatio));
    const spell = (value: number) => (scaled ? formats.length(value) : `${formats.number(value)}${THIN_SPACE}px`);
    const onMove = (pose: Pose) => {
      const { width, height } = view.fieldSize;
      if (scaled) {
        const { um, px } = scaleBar(pose.z, WIDEST_BAR_PX);
        if (bar.current) bar.current.style.width = `${px}px`;
        write(barText.current, formats.length(um));
      }
      write(power.current, magnification(pose));
      write(
        area.current,
        scaled
          ? t("viewer.field", { area: formats.figure(fieldArea(pose.z, width, height)) })
          : t("viewer.fieldPixels", { width: formats.number(width * pose.z), height: formats.number(height * pose.z) }),
      );
      const turned = pose.r > 0.05 && pose.r < 359.95 ? t("viewer.turned", { degrees: formats.number(pose.r) }) : "";
      write(turn.current, [turned, view.flipped ? t("viewer.mirrored") : ""].filter(Boolean).join(" · "));
    };
    const onRest = (pose: Pose) => {
      onMove(view.pose(true));
      clearTimeout(timer);
      timer = setTimeout(() => {
        const { width, height } = view.fieldSize;
        const figures = { x: spell(pose.x), y: spell(pose.y), width: spell(width * pose.z), height: spell(height * pose.z) };
        write(summary.current, t("viewer.summary", { magnification: magnification(pose), ...figures }));
      }, SUMMARY_DELAY_MS);
    };
    const digits = scaled ? 1 : 0;
    const stops = [
      view.on("move", onMove),
      view.on("rest", onRest),
      view.on("cursor", (at) => {
        write(place.current, at ? `${t("viewer.cursor", { x: formats.number(at.x, digits), y: formats.number(at.y, digits) })}${THIN_SPACE}${scaled ? "µm" : "px"}` : "");
      }),
    ];
    onRest(view.pose());
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [view, scaled, formats, t]);

  const thrift = useThrift();
  const sharpness = slide.sharp ? "viewer.sharp" : thrift ? "viewer.reduced" : "viewer.loading";
  const channelState =
    slide.solo === null
      ? t("channels.state", { shown: slide.channels.filter(({ visible }) => visible).length, total: slide.channels.length })
      : t("channels.solo", { name: channelName(opening?.channels ?? [], slide.solo) });
  return (
    <div className="status-bar" role="group" aria-label={t("viewer.status")}>
      {scaled && view && (
        <span className="scale-bar">
          <span ref={bar} className="bar" />
          <span ref={barText} />
          {trust === "unverified" && <span className="unverified">{t("viewer.unverified")}</span>}
        </span>
      )}
      {scaled && view ? (
        <MenuTrigger>
          <AriaButton className="button quiet power">
            <span className="visually-hidden">{t("viewer.objectives")}</span>
            <span ref={power} />
            <span aria-hidden="true">▴</span>
          </AriaButton>
          <Popover className="popover" placement="top start" offset={4}>
            <Menu
              aria-label={t("viewer.objectives")}
              onAction={(key) => view?.zoomTo(umPerPxOf(Number(key)))}
            >
              {OBJECTIVES.map((objective, index) => (
                <MenuItem key={objective} id={String(objective)} className="option" textValue={`${objective}×`}>
                  {formats.figure(objective)}× <span className="spring" />
                  <kbd>{keysOf(`objective${(index + 1) as 1 | 2 | 3 | 4 | 5 | 6}`)}</kbd>
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
      ) : (
        <span ref={power} className="power" />
      )}
      <span ref={area} className="area" />
      <ReadingStatus reading={reading} view={view} masked={masked} />
      <span ref={turn} />
      {opening && opening.planes.length > 1 && <PlaneChooser slide={slide} planes={opening.planes} />}
      {slide.mixing && opening && <span className="channel-state">{channelState}</span>}
      {slide.mixing?.by === "server" && (
        <span className="mixed" title={t(`channels.mixed.${slide.mixing.why}`)}>
          {t("channels.mixedByServer")}
        </span>
      )}
      <span className="spring" />
      <span ref={place} className="place" />
      {view?.drawer === "canvas" && (
        <span className="drawer" title={t("viewer.canvasHint")}>
          {t("viewer.canvas")}
        </span>
      )}
      {slide.failed > 0 && (
        <span className="failed" role="alert">
          {t("viewer.tilesFailed", { count: slide.failed })}
          <Button look="quiet" icon="retry" onPress={() => view?.tiles.retryFailed()}>
            {t("action.retry")}
          </Button>
        </span>
      )}
      {thrift && (
        <span className="chip" title={t("viewer.slowLinkHint")}>
          {t("viewer.slowLink")}
        </span>
      )}
      {slide.error === null && (
        <span className={`sharpness ${slide.sharp ? "sharp" : ""}`} title={t(sharpness)}>
          <span className="dot" aria-hidden="true" />
          <span className={slide.sharp ? "visually-hidden" : ""}>{t(sharpness)}</span>
        </span>
      )}
      <span ref={summary} className="visually-hidden" aria-live="polite" />
    </div>
  );
}
