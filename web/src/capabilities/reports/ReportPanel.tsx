/** The report at the right of the slide, as wide as one likes; on small screens below it. It pushes the slide and never covers it. */
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { BottomSheet } from "../../ui/BottomSheet";
import { useCompact } from "../../ui/compact";
import { IconButton } from "../../ui/controls";
import type { SheetStep } from "../../ui/sheet_steps";
import type { Places } from "./place";
import { ReportPane } from "./ReportPane";

const WIDTHS = { least: 340, first: 420, most: 760 } as const;
const STEP_PX = 20;

const within = (width: number): number => Math.min(WIDTHS.most, Math.max(WIDTHS.least, width));

/** Of this window: the next case is read at the same width. */
let chosen: number = WIDTHS.first;

interface ReportPanelProps {
  caseId: string;
  places: Places;
  onClose: () => void;
}

export function ReportPanel({ caseId, places, onClose }: ReportPanelProps) {
  const { t } = useTranslation();
  const isCompact = useCompact();
  const [step, setStep] = useState<SheetStep>(1);
  const [width, setWidth] = useState(chosen);
  const grip = useRef<{ x: number; width: number } | null>(null);
  const change = (next: number) => {
    chosen = within(next);
    setWidth(chosen);
  };
  if (isCompact)
    return (
      <BottomSheet label={t("report.title")} step={step} onStep={setStep} onClose={onClose}>
        <ReportPane key={caseId} caseId={caseId} places={places} />
      </BottomSheet>
    );
  return (
    <aside className="panel report-panel" aria-label={t("report.pane")} style={{ width }}>
      <div
        role="separator"
        tabIndex={0}
        className="report-grip"
        aria-orientation="vertical"
        aria-label={t("report.width")}
        aria-valuemin={WIDTHS.least}
        aria-valuemax={WIDTHS.most}
        aria-valuenow={width}
        onKeyDown={(event) => {
          const by = event.key === "ArrowLeft" ? STEP_PX : event.key === "ArrowRight" ? -STEP_PX : 0;
          if (by === 0) return;
          event.preventDefault();
          change(width + by);
        }}
        onPointerDown={(event) => {
          grip.current = { x: event.clientX, width };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (grip.current) change(grip.current.width + grip.current.x - event.clientX);
        }}
        onLostPointerCapture={() => { grip.current = null; }}
      />
      <div className="report-close">
        <IconButton icon="close" label={t("action.close")} onPress={onClose} />
      </div>
      <ReportPane key={caseId} caseId={caseId} places={places} />
    </aside>
  );
}
