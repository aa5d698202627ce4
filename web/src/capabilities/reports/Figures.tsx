/** Pictures that are printed with the report, each with its scale. */
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { regionUrl } from "../../api/slides";
import type { ReportContent, ReportFigure, ReportPhotograph } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { Button, IconButton } from "../../ui/controls";
import { scaleBar } from "../../viewer/scale";
import { fieldOf, usePlaces } from "./place";
import { ChooseSpecimen, SpecimenPicture } from "./SpecimenFigures";

const WIDTH_PX = 240;
/** Share of a picture that its scale bar may take. */
const BAR = 0.3;
const MOST = 24;

function Picture({ figure }: { figure: ReportFigure }) {
  const { t } = useTranslation();
  const { length } = useFormats();
  const { width_um: width, height_um: height } = figure.region;
  const bar = scaleBar(width / WIDTH_PX, WIDTH_PX * BAR);
  return (
    <span className="picture" style={{ aspectRatio: `${width} / ${height}` }}>
      <img src={regionUrl(figure.image_id, figure.region, width / WIDTH_PX / 2)} alt={figure.caption || t("report.figure.untitled")} loading="lazy" />
      <span className="scale" style={{ width: `${(100 * bar.px) / WIDTH_PX}%` }}>
        {length(bar.um)}
      </span>
    </span>
  );
}

interface FiguresProps {
  caseId: string;
  content: ReportContent;
  /** Slides that are none of the case, or not any more: a picture of one would be of another patient. */
  foreign: readonly string[];
  /** Undefined where nothing can be changed. */
  onChange?: (content: ReportContent) => void;
}

function Caption({ figure, onChange }: { figure: ReportFigure | ReportPhotograph; onChange: (caption: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="visually-hidden">
        {t("report.figure.caption")}
      </label>
      <input id={id} className="input" placeholder={t("report.figure.caption")} maxLength={200} value={figure.caption} onChange={(event) => { onChange(event.target.value); }} />
    </>
  );
}

export function Figures({ caseId, content, foreign, onChange }: FiguresProps) {
  const { t } = useTranslation();
  const { beside, go } = usePlaces();
  const view = beside?.view;
  const hasScale = view?.opening.spacing_um != null;
  const set = (figures: ReportFigure[]) => onChange?.({ ...content, figures });
  const take = () => {
    const region = view && fieldOf(view.fieldCorners(), view.extent);
    if (beside && region) set([...content.figures, { image_id: beside.image, region, caption: "" }]);
  };
  const setPhotographs = (photographs: ReportPhotograph[]) => onChange?.({ ...content, photographs });
  const { photographs } = content;
  const count = photographs.length + content.figures.length;
  if (count === 0 && !onChange) return null;
  return (
    <section className="block report-figures" aria-label={t("report.figures")}>
      <h3>{t("report.figures")}</h3>
      <ol>
        {photographs.map((figure, index) => (
          <li key={figure.photograph_id} data-field={`figure/specimen/${index}`}>
            <SpecimenPicture figure={figure} />
            {onChange ? (
              <div className="figure-line">
                <Caption figure={figure} onChange={(caption) => setPhotographs(photographs.map((one, at) => (at === index ? { ...one, caption } : one)))} />
                <IconButton icon="bin" label={t("report.figure.remove", { number: index + 1 })} onPress={() => setPhotographs(photographs.filter((_, at) => at !== index))} />
              </div>
            ) : (
              <p>{figure.caption}</p>
            )}
          </li>
        ))}
        {content.figures.map((figure, index) => (
          <li key={index} data-field={`figure/${index}`}>
            {foreign.includes(figure.image_id) ? (
              <p className="notice warn">{t("report.figure.foreign")}</p>
            ) : (
              <button type="button" className="go" onClick={() => { go(figure.image_id, figure.region); }}>
                <span className="visually-hidden">{t("report.figure.go", { number: photographs.length + index + 1 })}</span>
                <Picture figure={figure} />
              </button>
            )}
            {onChange ? (
              <div className="figure-line">
                <Caption figure={figure} onChange={(caption) => set(content.figures.map((one, at) => (at === index ? { ...one, caption } : one)))} />
                <IconButton icon="bin" label={t("report.figure.remove", { number: photographs.length + index + 1 })} onPress={() => set(content.figures.filter((_, at) => at !== index))} />
              </div>
            ) : (
              <p>{figure.caption}</p>
            )}
          </li>
        ))}
      </ol>
      {onChange && (
        <div className="actions">
          {view && (
            <Button icon="plus" isDisabled={!hasScale || count >= MOST} onPress={take}>
              {t("report.figure.take")}
            </Button>
          )}
          <ChooseSpecimen caseId={caseId} chosen={photographs} isDisabled={count >= MOST} onChoose={(figure) => setPhotographs([...photographs, figure])} />
        </div>
      )}
      {onChange && view && !hasScale && <p className="hint">{t("report.figure.noScale")}</p>}
    </section>
  );
}
