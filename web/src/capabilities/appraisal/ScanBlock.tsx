/** What was told of the scan of a slide, without anybody having asked. */
import "./appraisal.css";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AppraisalShown } from "../../api/types";
import { THIN_SPACE, useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { Button } from "../../ui/controls";
import type { SlideView } from "../../viewer/slide_view";
import { poseOver } from "../reports/place";
import { appraisalQuery, mostBlurred, toldOf, type BlurredPlace } from "./appraisal_query";

type Figured = NonNullable<AppraisalShown["figures"]>;

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Coloured({ colour, children }: { colour: string; children: ReactNode }) {
  return (
    <span>
      <span className="stain-swatch" style={{ background: `#${colour}` }} aria-hidden="true" />
      {children}
    </span>
  );
}

/** Colours and strengths of both stains, or why there are none; the colour of the tissue in that case. */
function Staining({ staining }: { staining: Figured["staining"] }) {
  const { t } = useTranslation();
  const { figure } = useFormats();
  const { haematoxylin, eosin, condition, rejected, mean_colour } = staining;
  if (haematoxylin === null || eosin === null || condition === null)
    return (
      <dl className="facts">
        {mean_colour !== null && (
          <Fact name={t("appraisal.meanColour")}>
            <Coloured colour={mean_colour}>{`#${mean_colour}`}</Coloured>
          </Fact>
        )}
        {rejected !== null && <Fact name={t("appraisal.stains")}>{t(`appraisal.rejected.${rejected}`)}</Fact>}
      </dl>
    );
  const of = (stain: typeof haematoxylin) => t("appraisal.stain", { strength: figure(stain.strength), degrees: figure(stain.degrees) });
  return (
    <dl className="facts">
      <Fact name={t("appraisal.haematoxylin")}>
        <Coloured colour={haematoxylin.colour}>{of(haematoxylin)}</Coloured>
      </Fact>
      <Fact name={t("appraisal.eosin")}>
        <Coloured colour={eosin.colour}>{of(eosin)}</Coloured>
      </Fact>
      <Fact name={t("appraisal.condition")}>{t("appraisal.conditionOf", { condition: figure(condition) })}</Fact>
    </dl>
  );
}

function Figures({ figures, view }: { figures: Figured; view: SlideView | null }) {
  const { t } = useTranslation();
  const { figure, number, percent } = useFormats();
  const worst = mostBlurred(figures.places);
  const go = ({ x_px, y_px, side_px }: BlurredPlace, on: SlideView) => {
    const { x, y } = on.spacing;
    on.setPose(poseOver({ x_um: x_px * x, y_um: y_px * y, width_um: side_px * x, height_um: side_px * y }, on.fieldSize, x));
  };
  return (
    <>
      <dl className="facts">
        <Fact name={t("appraisal.tissue")}>{`${figure(figures.tissue_mm2)}${THIN_SPACE}mm²`}</Fact>
        {figures.ink_share !== null && <Fact name={t("appraisal.ink")}>{t("appraisal.ofStained", { share: percent(figures.ink_share) })}</Fact>}
        {figures.fold_share !== null && <Fact name={t("appraisal.folds")}>{t("appraisal.ofTissue", { share: percent(figures.fold_share) })}</Fact>}
        <Fact name={t("appraisal.edges")}>{t("appraisal.ofPicture", { share: percent(figures.edge_share) })}</Fact>
        {worst.length > 0 && (
          <Fact name={t("appraisal.unfocused")}>{t("appraisal.unfocusedOf", { blurred: number(figures.blurred_places), count: toldOf(figures.places).length })}</Fact>
        )}
        <Fact name={t("appraisal.blur")}>
          {figures.median_blur === null ? t("appraisal.noDetail") : t("appraisal.median", { blur: figure(figures.median_blur), count: toldOf(figures.places).length })}
        </Fact>
      </dl>
      <Staining staining={figures.staining} />
      {figures.ink_share === null && <p className="second">{t("appraisal.otherStain")}</p>}
      {worst.length > 0 && (
        <>
          <p className="second">{t("appraisal.scale", { above: figure(figures.blurred_above) })}</p>
          {view && (
            <ul className="blurred-places" aria-label={t("appraisal.worst")}>
              {worst.map((place) => (
                <li key={`${place.x_px}/${place.y_px}`}>
                  <Button icon="target" aria-label={t("appraisal.place", { blur: figure(place.blur) })} onPress={() => { go(place, view); }}>
                    {figure(place.blur)}
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </>
  );
}

export function ScanBlock({ id, view }: { id: string; view: SlideView | null }) {
  const { t } = useTranslation();
  const say = useSay();
  const found = useQuery(appraisalQuery(id)).data;
  if (!found) return null;
  return (
    <section className="block scan-block" aria-label={t("appraisal.title")}>
      <h3>{t("appraisal.title")}</h3>
      {found.state === "waiting" && <p className="second">{t("appraisal.waiting")}</p>}
      {found.state === "not_judged" && <p className="second">{t("appraisal.notJudged")}</p>}
      {found.state === "failed" && <p className="warn">{t("appraisal.failed")}</p>}
      {found.reason && <p className="second">{say(found.reason)}</p>}
      {found.figures && <Figures figures={found.figures} view={view} />}
    </section>
  );
}
