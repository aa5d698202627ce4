/** How marks, what was measured of them and what happens to them are said. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { THIN_SPACE, useFormats } from "../../i18n/format";
import type { Notice } from "../../viewer/annotate/notice";
import { areaOf, lengthOf } from "../../viewer/annotate/geometry";
import { isArea, type Figure, type Geometry, type Mark, type MarkKind } from "../../viewer/annotate/mark";

type Named = Pick<Mark, "kind" | "name">;

export interface MarkWords {
  kind: (kind: MarkKind) => string;
  /** The name that a person gave, else the class, else the kind. */
  title: (mark: Pick<Mark, "kind" | "name" | "class">) => string;
  length: (figure: Figure) => string;
  area: (figure: Figure) => string;
  /** The one figure that matters most, or nothing. */
  figure: (mark: Pick<Mark, "kind" | "geometry" | "measured">) => string;
  /** Live figure of an outline that the server has not measured. */
  live: (kind: MarkKind, geometry: Geometry, um: { x: number; y: number }) => string;
  notice: (notice: Notice) => string;
}

const LENGTHS = [
  [1000, "mm"],
  [1, "µm"],
] as const;
/** Square um in a unit of area, from which on it reads well. */
const AREAS = [
  [1e6, 1e4, "mm²"],
  [1, 0, "µm²"],
] as const;

export function useMarkWords(): MarkWords {
  const { t } = useTranslation();
  const { figure: plain, number, length } = useFormats();
  return useMemo(() => {
    const spelled = ({ value, uncertainty }: Figure, divisor: number, unit: string) => {
      const [shown, off] = [value / divisor, uncertainty / divisor];
      if (!(off > 0)) return `${plain(shown)}${THIN_SPACE}${unit}`;
      // Two digits of the uncertainty, and the figure to the same place (JCGM 100:2008, 7.2.6).
      const digits = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(off))));
      return `${number(shown, digits)} ± ${number(off, digits)}${THIN_SPACE}${unit}`;
    };
    const spellLength = (figure: Figure) => {
      const [divisor, unit] = LENGTHS.find(([least]) => figure.value >= least) ?? LENGTHS[1];
      return spelled(figure, divisor, unit);
    };
    const spellArea = (figure: Figure) => {
      const [divisor, , unit] = AREAS.find(([, least]) => figure.value >= least) ?? AREAS[1];
      return spelled(figure, divisor, unit);
    };
    const kind = (of: MarkKind) => t(`annotate.kind.${of}`);
    const title = ({ kind: of, name, class: label }: Pick<Mark, "kind" | "name" | "class">) => name || label || kind(of);
    const heard = (mark: Named & Pick<Mark, "class" | "geometry" | "measured">) => [title(mark), figure(mark)].filter(Boolean).join(", ");
    const figure = ({ kind: of, geometry, measured }: Pick<Mark, "kind" | "geometry" | "measured">) => {
      if (geometry.type === "MultiPoint") return t("annotate.points", { count: geometry.coordinates.length });
      if (isArea(of)) return measured?.area_um2 ? spellArea(measured.area_um2) : "";
      return measured?.length_um ? spellLength(measured.length_um) : "";
    };
    const notice = (said: Notice): string => {
      switch (said.what) {
        case "tool":
          return t("annotate.say.tool", { tool: t(`annotate.tool.${said.tool}`) });
        case "added":
        case "changed":
        case "removed":
        case "selected":
          return t(`annotate.say.${said.what}`, { mark: heard(said.mark) });
        case "vertex":
          return t("annotate.say.vertex", { count: said.count });
        case "editing":
          if (said.vertex === 0) return t(said.boxed ? "annotate.say.wholeBox" : "annotate.say.whole", { count: said.of });
          return t(said.boxed ? "annotate.say.heldSide" : "annotate.say.held", { number: said.vertex, total: said.of });
        case "turning":
          return t("annotate.say.turning", { degrees: number(said.degrees) });
        case "shown":
          return t(said.visible ? "annotate.say.visible" : "annotate.say.hidden");
        default:
          return t(`annotate.say.${said.what}`);
      }
    };
    return {
      kind,
      title,
      length: spellLength,
      area: spellArea,
      figure,
      live: (of, geometry, um) => {
        if (geometry.type === "Polygon" || geometry.type === "MultiPolygon") return isArea(of) ? spellArea({ value: areaOf(geometry, um), uncertainty: 0 }) : "";
        return geometry.type === "LineString" ? length(lengthOf(geometry, um)) : "";
      },
      notice,
    };
  }, [t, plain, number, length]);
}
