/** One photograph: its scale is stated by two places on the ruler in it; one entered in error is withdrawn. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PHOTOGRAPHS, photographUrl, scalePhotograph, withdrawPhotograph } from "../../api/grossing";
import type { PhotographRuler, PhotographShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, TextField } from "../../ui/controls";
import { shortOf } from "../cases/CasePreview";
import { barOf, moved, withPlace, type Place, type Places } from "./ruler";

const STEPS: Partial<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FINE_PX = 1;
const COARSE_PX = 20;

interface Props {
  photograph: PhotographShown;
  mayChange: boolean;
  onClose: () => void;
}

export function PhotographDialog({ photograph, mayChange, onClose }: Props) {
  const { t } = useTranslation();
  const { figure } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const { id, width_px: width, height_px: height, um_per_px: scale } = photograph;
  const [places, setPlaces] = useState<Places>([]);
  const [length, setLength] = useState("");
  const [reason, setReason] = useState("");
  const refresh = () => Promise.all([[PHOTOGRAPHS, photograph.case_id], ["case-events", photograph.case_id]].map((queryKey) => client.invalidateQueries({ queryKey })));
  const scaling = useMutation({
    mutationFn: (ruler: PhotographRuler | null) => scalePhotograph(id, ruler),
    onSuccess: () => {
      setPlaces([]);
      setLength("");
    },
    onSettled: refresh,
  });
  const withdrawing = useMutation({ mutationFn: () => withdrawPhotograph(id, reason), onSuccess: onClose, onSettled: refresh });
  const bar = scale === null ? null : barOf(width, scale);
  const mm = Number(length.replace(",", "."));
  const [from, to] = places;
  const setPlace = (index: number, place: Place) => { setPlaces(index === 0 ? (to ? [place, to] : [place]) : from ? [from, place] : [place]); };
  return (
    <Dialog title={t("grossing.photograph", { label: shortOf(photograph.identifier) })} isOpen onClose={onClose}>
      <div className="form photograph-dialog">
        <div
          className="photograph-frame"
          onClick={(event) => {
            if (!mayChange) return;
            const box = event.currentTarget.getBoundingClientRect();
            setPlaces(withPlace(places, { x: ((event.clientX - box.left) / box.width) * width, y: ((event.clientY - box.top) / box.height) * height }));
          }}
        >
          <img src={photographUrl(id)} alt={t("grossing.open", { label: shortOf(photograph.identifier) })} width={width} height={height} />
          <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
            {from && to && <line className="ruler-line" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />}
            {bar && <rect className="scale-bar" x={width * 0.03} y={height * 0.95} width={bar.px} height={height * 0.012} />}
          </svg>
          {[from, to].map(
            (place, index) =>
              place && (
                <button
                  key={index}
                  type="button"
                  className="ruler-place"
                  aria-label={t("grossing.place", { number: index + 1 })}
                  style={{ left: `${(place.x / width) * 100}%`, top: `${(place.y / height) * 100}%` }}
                  onClick={(event) => { event.stopPropagation(); }}
                  onKeyDown={(event) => {
                    const step = STEPS[event.key];
                    if (!step) return;
                    event.preventDefault();
                    const px = event.shiftKey ? COARSE_PX : FINE_PX;
                    setPlace(index, moved(place, step[0] * px, step[1] * px, width, height));
                  }}
                />
              ),
          )}
        </div>
        {bar && <p className="second">{t("grossing.bar", { mm: figure(bar.mm) })}</p>}
        {mayChange && (
          <>
            <p className="hint">{t("grossing.hint")}</p>
            <form
              className="move"
              onSubmit={(event) => {
                event.preventDefault();
                if (from && to && mm > 0) scaling.mutate({ x1_px: from.x, y1_px: from.y, x2_px: to.x, y2_px: to.y, length_mm: mm });
              }}
            >
              <TextField label={t("grossing.length")} value={length} onChange={setLength} maxLength={8} inputMode="decimal" />
              {places.length === 0 && <Button onPress={() => { setPlaces([{ x: width * 0.25, y: height / 2 }, { x: width * 0.75, y: height / 2 }]); }}>{t("grossing.begin")}</Button>}
              <Button type="submit" look="primary" needsServer isPending={scaling.isPending} isDisabled={!to || !(mm > 0)}>
                {t("grossing.setScale")}
              </Button>
              {scale !== null && (
                <Button needsServer isPending={scaling.isPending} onPress={() => { scaling.mutate(null); }}>
                  {t("grossing.takeBack")}
                </Button>
              )}
            </form>
            <form
              className="move"
              onSubmit={(event) => {
                event.preventDefault();
                if (reason.trim() !== "") withdrawing.mutate();
              }}
            >
              <TextField label={t("grossing.withdraw.reason")} value={reason} onChange={setReason} maxLength={500} />
              <Button type="submit" needsServer isPending={withdrawing.isPending} isDisabled={reason.trim() === ""}>
                {t("grossing.withdraw")}
              </Button>
            </form>
          </>
        )}
        {(scaling.error ?? withdrawing.error) && (
          <p role="alert" className="wrong">
            {problemText(scaling.error ?? withdrawing.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
