/** Photographs of the specimen among the pictures of a report: each with its scale bar, chosen from those of the case. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { photographsQuery, photographUrl } from "../../api/grossing";
import type { PhotographShown, ReportPhotograph } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import { scaleBar } from "../../viewer/scale";
import { shortOf } from "../cases/CasePreview";

const WIDTH_PX = 240;
/** Share of a picture that its scale bar may take. */
const BAR = 0.3;

/** What the report says of a photograph; the server states it anew when the report is saved. */
export const figureOf = ({ id, identifier, width_px, height_px, um_per_px }: PhotographShown): ReportPhotograph => ({
  photograph_id: id,
  caption: "",
  identifier,
  sha256: "",
  width_px,
  height_px,
  um_per_px,
});

export function SpecimenPicture({ figure }: { figure: ReportPhotograph }) {
  const { t } = useTranslation();
  const { length } = useFormats();
  const { width_px: width, height_px: height } = figure;
  const scale = figure.um_per_px ?? null;
  const bar = scale === null ? null : scaleBar((width * scale) / WIDTH_PX, WIDTH_PX * BAR);
  return (
    <span className="picture" style={{ aspectRatio: `${width} / ${height}` }}>
      <img src={photographUrl(figure.photograph_id)} alt={figure.caption || t("grossing.photograph", { label: shortOf(figure.identifier) })} loading="lazy" />
      {bar ? (
        <span className="scale" style={{ width: `${(100 * bar.px) / WIDTH_PX}%` }}>
          {length(bar.um)}
        </span>
      ) : (
        <span className="scale none">{t("grossing.noScale")}</span>
      )}
    </span>
  );
}

interface PickerProps {
  caseId: string;
  chosen: readonly ReportPhotograph[];
  isDisabled: boolean;
  onChoose: (figure: ReportPhotograph) => void;
}

/** The photographs of the case that are not in the report yet. */
export function ChooseSpecimen({ caseId, chosen, isDisabled, onChoose }: PickerProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { data, error } = useQuery(photographsQuery(caseId));
  const [isOpen, setOpen] = useState(false);
  const taken = new Set(chosen.map(({ photograph_id: id }) => id));
  const left = (data ?? []).filter(({ id, wrong_because: wrong }) => wrong === null && !taken.has(id));
  if (!error && (data ?? []).every(({ wrong_because: wrong }) => wrong !== null)) return null;
  return (
    <>
      <Button icon="plus" isDisabled={isDisabled} onPress={() => { setOpen(true); }}>
        {t("report.specimen.take")}
      </Button>
      <Dialog title={t("report.specimen.take")} isOpen={isOpen} onClose={() => { setOpen(false); }}>
        <div className="form">
          {error && <p className="wrong">{problemText(error)}</p>}
          {!error && left.length === 0 && <p className="second">{t("report.specimen.all")}</p>}
          <ul className="specimen-choice">
            {left.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  aria-label={t("grossing.photograph", { label: shortOf(one.identifier) })}
                  onClick={() => {
                    onChoose(figureOf(one));
                    setOpen(false);
                  }}
                >
                  <img src={photographUrl(one.id, true)} alt="" loading="lazy" />
                  <span className="figures">{shortOf(one.identifier)}</span>
                  {one.um_per_px === null && <span className="second">{t("grossing.noScale")}</span>}
                </button>
              </li>
            ))}
          </ul>
        </div>
      </Dialog>
    </>
  );
}
