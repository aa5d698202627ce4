/** How a text came about, told five ways at once: word, colour, line, shape, and the ground that it stands on. */
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import type { ReportStatement, ReportVersion } from "../../api/types";
import type { Standing } from "./statements";

export type Mark = "ai" | "accepted" | "edited" | "draft" | "preliminary" | "signed" | "void";

/** Open diamond, pen, filled seal, crossed circle. */
const SHAPES: Record<Mark, { path: string; filled?: boolean }> = {
  ai: { path: "M8 2l6 6-6 6-6-6z" },
  accepted: { path: "M8 2l6 6-6 6-6-6zM5.5 8l2 2 3.5-4" },
  edited: { path: "M3 13l.6-2.8L10.800 3l2.200 2.200-7.200 7.200zM9.500 4.300l2.200 2.200" },
  draft: { path: "M3 13l.6-2.8L10.800 3l2.200 2.200-7.200 7.200zM9.500 4.300l2.200 2.200" },
  preliminary: { path: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.500l2.500 1.500" },
  signed: { path: "M8 1.500l1.700 1.300 2.100-.2.800 2 1.900 1-.6 2 .6 2-1.900 1-.8 2-2.100-.2L8 13.700l-1.700-1.300-2.100.2-.8-2-1.900-1 .6-2-.6-2 1.900-1 .8-2 2.100.2z", filled: true },
  void: { path: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM3.800 3.800l8.400 8.400" },
};

/** What a version is, as far as its looks go. */
export function markOf({ status, source }: Pick<ReportVersion, "status" | "source">): Mark {
  if (status === "entered_in_error" || status === "withdrawn") return "void";
  if (status === "preliminary") return "preliminary";
  if (status !== "draft") return "signed";
  return source.kind === "model" ? "ai" : "draft";
}

/** The word with its shape. It is text, so that copies, prints and screen readers carry it. */
export function StandingMark({ mark, children }: { mark: Mark; children?: React.ReactNode }) {
  const { t } = useTranslation();
  const { path, filled = false } = SHAPES[mark];
  return (
    <span className={`standing ${mark}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill={filled ? "currentColor" : "none"} stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round">
        <path d={path} />
      </svg>
      <span>{children ?? t(`report.standing.${mark}`)}</span>
    </span>
  );
}

/** Words for probabilities: M. D. Mastrandrea et al., Guidance Note for Lead Authors of the IPCC AR5 on Consistent Treatment of Uncertainties, 2010, table 1. */
const CERTAINTIES = [
  ["virtually", 0.99],
  ["extremely", 0.95],
  ["very", 0.9],
  ["likely", 0.66],
  ["even", 0.33],
] as const;

export const certaintyOf = (sure: number) => CERTAINTIES.find(([, least]) => sure >= least)?.[0] ?? "unlikely";

/** How a statement stands; of a model's, which model said it, and how sure it says that it is. */
export function StatementMark({ statement, standing }: { statement: ReportStatement | undefined; standing: Exclude<Standing, "own"> }) {
  const { t } = useTranslation();
  const { percent } = useFormats();
  const told = statement?.source.kind === "model" ? [statement.source.name, statement.source.version].filter(Boolean).join(" ") : "";
  const sure = statement?.certainty ?? null;
  return (
    <>
      <StandingMark mark={standing} />
      {told !== "" && <span className="second">{sure === null ? told : `${told} · ${t(`report.certainty.${certaintyOf(sure)}`)}, ${percent(sure)}`}</span>}
    </>
  );
}

/** A version's word, and for a signed one who signed it and when. */
export function VersionMark({ version }: { version: ReportVersion }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const mark = markOf(version);
  return (
    <StandingMark mark={mark}>
      {t(`report.status.${mark === "ai" ? "ai" : version.status}`)}
      {(mark === "signed" || mark === "void") && <span className="second">{` · ${version.author_name} · ${dateTime(version.at)}`}</span>}
    </StandingMark>
  );
}
