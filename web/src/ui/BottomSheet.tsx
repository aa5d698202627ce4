/** A panel at the lower edge of a small screen, at one of three heights. It pushes what is above it and never covers it. */
import { useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./controls";
import { atStep, nearestStep, SHEET_SHARES, type SheetStep } from "./sheet_steps";

interface BottomSheetProps {
  label: string;
  step: SheetStep;
  onStep: (step: SheetStep) => void;
  onClose: () => void;
  children: ReactNode;
}

export function BottomSheet({ label, step, onStep, onClose, children }: BottomSheetProps) {
  const { t } = useTranslation();
  const sheet = useRef<HTMLElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const grip = useRef<{ y: number; share: number } | null>(null);
  const whole = () => sheet.current?.parentElement?.clientHeight ?? 1;
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps: Record<string, SheetStep> = { ArrowUp: atStep(step + 1), ArrowDown: atStep(step - 1), Home: 0, End: 2 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onStep(next);
  };
  const share = dragged ?? SHEET_SHARES[step];
  return (
    <aside ref={sheet} className="panel sheet" aria-label={label} style={{ height: `max(${share * 100}%, var(--sheet-least))` }}>
      <div className="sheet-head">
        <div
          role="separator"
          tabIndex={0}
          aria-orientation="horizontal"
          aria-label={t("sheet.height")}
          aria-valuemin={0}
          aria-valuemax={2}
          aria-valuenow={step}
          aria-valuetext={t(`sheet.step.${step}`)}
          className="sheet-grip"
          onKeyDown={onKeyDown}
          onPointerDown={(event) => {
            grip.current = { y: event.clientY, share: (sheet.current?.clientHeight ?? 0) / whole() };
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            if (grip.current) setDragged(Math.min(SHEET_SHARES[2], Math.max(0, grip.current.share + (grip.current.y - event.clientY) / whole())));
          }}
          onPointerUp={() => {
            if (dragged !== null) onStep(nearestStep(dragged));
            grip.current = null;
            setDragged(null);
          }}
          onPointerCancel={() => {
            grip.current = null;
            setDragged(null);
          }}
        />
        <IconButton icon={step === 2 ? "down" : "up"} label={t(step === 2 ? "sheet.lower" : "sheet.higher")} onPress={() => { onStep(step === 2 ? 0 : atStep(step + 1)); }} />
        <IconButton icon="close" label={t("action.close")} onPress={onClose} />
      </div>
      <div className="sheet-body">{children}</div>
    </aside>
  );
}
