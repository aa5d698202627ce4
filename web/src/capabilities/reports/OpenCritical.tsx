/** Critical results of all cases that nobody read back yet, on the worklist; fetched when asked for, since they tell of patients. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listOpenCritical } from "../../api/reports";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import { usePermission } from "../access/me";
import { encodeFilter, type WorklistFilter } from "../cases/worklist_state";

function Results({ filter }: { filter: WorklistFilter }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const problemText = useProblemText();
  const { data, error } = useQuery({ queryKey: ["report-critical"], queryFn: ({ signal }) => listOpenCritical(signal), retry: false, gcTime: 0 });
  if (error) return <p role="alert" className="wrong">{problemText(error)}</p>;
  if (data?.length === 0) return <p>{t("critical.noneOpen")}</p>;
  return (
    <ul className="form">
      {data?.map(({ id, case_id: caseId, case_number: number, statement, flagged_by: by, flagged_at: at }) => (
        <li key={id}>
          <p>
            <Link to="/cases/$id" params={{ id: caseId }} search={encodeFilter(filter)}>
              {number}
            </Link>{" "}
            <span className="second">{`${by} · ${dateTime(at)}`}</span>
          </p>
          <p className="request">{statement ?? t("report.erased")}</p>
        </li>
      ))}
    </ul>
  );
}

export function OpenCritical({ filter }: { filter: WorklistFilter }) {
  const { t } = useTranslation();
  const mayRead = usePermission("cases.view_patient");
  const [isOpen, setOpen] = useState(false);
  if (!mayRead) return null;
  return (
    <>
      <Button look="quiet" icon="warning" needsServer onPress={() => { setOpen(true); }}>
        {t("critical.title")}
      </Button>
      <Dialog title={t("critical.openOnes")} isOpen={isOpen} onClose={() => { setOpen(false); }}>
        <Results filter={filter} />
      </Dialog>
    </>
  );
}
