import { useTranslation } from "react-i18next";
import type { LevelCounts } from "../../api/types";
import type { Level } from "../../api/conformity";
import { useFormats } from "../../i18n/format";
import { elementOf, LEVELS, type ConformityState } from "./conformity_state";
import { LevelMark } from "./LevelMark";

interface CountsProps {
  caption: string;
  first: string;
  rows: readonly LevelCounts[];
  nameOf: (row: LevelCounts) => string;
  /** Tells which slides are wanted; without it the figures only tell. */
  onChoose?: (row: LevelCounts, level: Level) => void;
  chosen?: ConformityState;
}

/** How many slides are how, a line for each element or month. */
export function Counts({ caption, first, rows, nameOf, onChoose, chosen }: CountsProps) {
  const { t } = useTranslation();
  const { number } = useFormats();
  return (
    <table className="counts">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{first}</th>
          {LEVELS.map((level) => (
            <th key={level} scope="col" className="figures">
              <LevelMark level={level} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{nameOf(row)}</th>
            {LEVELS.map((level) => (
              <td key={level} className="figures">
                {onChoose && row[level] > 0 ? (
                  <button
                    type="button"
                    className="count"
                    aria-pressed={chosen?.level === level && chosen.element === elementOf(row.name)}
                    aria-label={`${t("conformity.found", { element: nameOf(row), level: t(`conformity.level.${level}`) })} ${number(row[level])}`}
                    onClick={() => { onChoose(row, level); }}
                  >
                    {number(row[level])}
                  </button>
                ) : (
                  <span className={row[level] === 0 ? "none" : ""}>{number(row[level])}</span>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
