/** The versions of a report as people look at them: what somebody wrote in one go is one thing, however often it was saved. */
import type { ReportVersion } from "../../api/types";

export interface Run {
  /** The last of them. */
  version: ReportVersion;
  /** How many versions it is. */
  count: number;
  /** The last version before them; null for the first. */
  before: number | null;
}

/** The newest first. Drafts of one author that follow each other are one; every other version stands alone. */
export function runsOf(versions: readonly ReportVersion[]): Run[] {
  const runs: Run[] = [];
  for (const version of versions) {
    const last = runs.at(-1);
    const goesOn = last?.version.status === "draft" && version.status === "draft" && last.version.author_id === version.author_id && last.version.source.kind === version.source.kind && version.reason === last.version.reason;
    if (last && goesOn) Object.assign(last, { version, count: last.count + 1 });
    else runs.push({ version, count: 1, before: last?.version.number ?? null });
  }
  return runs.reverse();
}

const UNSIGNED: readonly ReportVersion["status"][] = ["draft", "preliminary", "withdrawn"];

/** The version that was signed last: it stands until another one is signed, whatever drafts come after it. */
export const lastSigned = (versions: readonly ReportVersion[]): ReportVersion | undefined =>
  versions.findLast(({ status }) => !UNSIGNED.includes(status));
