/** What a report is at this moment, and the way to its versions and prints. */
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ReportShown } from "../../api/types";
import { IconButton } from "../../ui/controls";
import { VersionMark } from "./Standing";
import { lastSigned } from "./versions";
import { VersionsDialog } from "./Versions";

export function ReportHead({ report, children }: { report: ReportShown; children?: ReactNode }) {
  const { t } = useTranslation();
  const [versions, setVersions] = useState(false);
  const { current } = report;
  const stands = lastSigned(report.versions);
  const isAmended = current !== null && stands !== undefined && stands.number !== current.number;
  return (
    <header className="report-head">
      {current ? <VersionMark version={current} /> : <span className="second">{t("report.none")}</span>}
      {children}
      {current && (
        <span className="head-end">
          <IconButton icon="history" label={t("report.versions")} onPress={() => { setVersions(true); }} />
        </span>
      )}
      {isAmended && current.amends && (
        <p className="second amended-why">
          {t(`report.amending.${current.amends}`, { number: stands.number, name: stands.author_name })}
        </p>
      )}
      <VersionsDialog report={report} isOpen={versions} onClose={() => { setVersions(false); }} />
    </header>
  );
}
