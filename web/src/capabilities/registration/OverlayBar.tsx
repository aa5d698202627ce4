/** What lies over a slide, by which transform, and how it is drawn. Always there as long as anything is. */
import "./registration.css";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { Button, IconButton } from "../../ui/controls";
import { keysOf } from "../../viewer/keys";
import type { Source } from "./lying";
import type { OverlayControls, OverlayShown } from "./use_overlay";
import { useRegistrationWords } from "./words";

interface OverlayBarProps {
  name: string;
  source: Source | null;
  controls: OverlayControls;
  state: OverlayShown | null;
  /** Whether the slide has all the room of the panes. */
  alone: boolean;
  onAlone: () => void;
  onClose: () => void;
}

export function OverlayBar({ name, source, controls, state, alone, onAlone, onClose }: OverlayBarProps) {
  const { t } = useTranslation();
  const { percent } = useFormats();
  const words = useRegistrationWords();
  const { look, setOpacity, flipSwipe, blink, endBlink } = controls;
  const what = look.blink === null ? t("overlay.over", { name }) : t(look.blink === "over" ? "overlay.only" : "overlay.hidden", { name });
  return (
    <div className="overlay-bar" role="group" aria-label={t("overlay.title")}>
      <span className="what" role="status">
        <strong>{what}</strong> <span className="second">{words.source(source)}</span>
      </span>
      {(state?.pending ?? true) && <span className="second">{t("overlay.loading")}</span>}
      {state?.reduced && <span className="second">{t("overlay.reduced")}</span>}
      {state && state.failed > 0 && (
        <span className="warn" role="alert">
          {t("viewer.tilesFailed", { count: state.failed })}
          <Button look="quiet" icon="retry" onPress={state.retry}>{t("action.retry")}</Button>
        </span>
      )}
      <label className="slider">
        <span className="visually-hidden">{t("overlay.opacity")}</span>
        <input type="range" min={0} max={100} value={Math.round(look.opacity * 100)} aria-valuetext={percent(look.opacity)} onChange={(event) => { setOpacity(Number(event.target.value) / 100); }} />
        <span className="figure" aria-hidden="true">{percent(look.opacity)}</span>
      </label>
      <IconButton icon="swipe" label={t("overlay.swipe")} keys={keysOf("swipe")} pressed={look.swipe !== null} onPress={flipSwipe} />
      <IconButton icon="eye" label={t("overlay.blink")} keys={keysOf("blink")} pressed={look.blink !== null} onPress={look.blink === null ? blink : endBlink} />
      <IconButton icon="fit" label={t("overlay.alone")} pressed={alone} onPress={onAlone} />
      <IconButton icon="close" label={t("overlay.off")} keys={keysOf("overlay")} onPress={onClose} />
    </div>
  );
}

const STEPS = 1000;

/** The line up to which the slide under it is seen: with a mouse, a finger, a pen, or arrow keys. */
export function SwipeHandle({ controls: { look, setSwipe } }: { controls: OverlayControls }) {
  const { t } = useTranslation();
  const { percent } = useFormats();
  if (look.swipe === null || look.blink !== null) return null;
  return (
    <div className="swipe">
      <span className="line" style={{ left: `${look.swipe * 100}%` }} />
      <input
        type="range"
        aria-label={t("overlay.handle")}
        aria-valuetext={percent(look.swipe)}
        min={0}
        max={STEPS}
        step={5}
        value={Math.round(look.swipe * STEPS)}
        onChange={(event) => { setSwipe(Number(event.target.value) / STEPS); }}
      />
    </div>
  );
}
