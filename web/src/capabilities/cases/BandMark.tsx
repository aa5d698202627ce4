/** What models say of a case: shape, word and reason. What is no score is hatched, and never a low one. */
import { useTranslation } from "react-i18next";
import type { CaseRow } from "../../api/types";
import { useSay } from "../../i18n/sentences";

const SHAPES: Record<NonNullable<CaseRow["band"]>, string> = { high: "▲", middle: "◇", low: "▽", unknown: "" };

export function BandMark({ row }: { row: Pick<CaseRow, "band" | "band_reason"> }) {
  const { t } = useTranslation();
  const say = useSay();
  if (!row.band || !row.band_reason) return null;
  const said = say(row.band_reason);
  return (
    <span className={`band ${row.band}`} title={`${t("worklist.column.models")}: ${said}`}>
      {row.band === "unknown" ? <span className="hatch" aria-hidden="true" /> : <span aria-hidden="true">{SHAPES[row.band]}</span>} {said}
    </span>
  );
}
