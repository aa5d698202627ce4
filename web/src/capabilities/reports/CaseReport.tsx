/** The report on the page of its case. It is read when somebody asks for it: that it was read is written down. */
import "./reports.css";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { withTexts } from "../../i18n";
import { useLentActions } from "../../shell/actions";
import { Button } from "../../ui/controls";
import { encodeView, UNSAID } from "../../viewer/view_state";
import { usePermission } from "../access/me";
import { encodeFilter, type WorklistFilter } from "../cases/worklist_state";
import { poseOver, type Places } from "./place";

const ReportPane = lazy(() => withTexts(import("./ReportPane"), "annotations", "cases", "grossing", "orders", "reports", "viewer").then((loaded) => ({ default: loaded.ReportPane })));
/** No slide is on the screen yet; the field will be about this large. */
const FIELD = { width: 800, height: 600 };
const CLOSEST_UM = 0.1;

export function CaseReport({ caseId, filter }: { caseId: string; filter: WorklistFilter }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayRead = usePermission("cases.view_patient");
  const [isOpen, setOpen] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const open = () => {
    setOpen(true);
    // The button goes with it: whoever works with keys goes on from here.
    heading.current?.focus();
  };
  const places = useMemo<Places>(
    () => ({
      beside: null,
      go: (image, region) => {
        const search = new URLSearchParams({ ...encodeFilter(filter), report: "1" });
        encodeView({ ...UNSAID, pose: poseOver(region, FIELD, CLOSEST_UM) }, search);
        void navigate({ to: "/slides/$id", params: { id: image }, search: Object.fromEntries(search) });
      },
    }),
    [navigate, filter],
  );
  useLentActions("case", mayRead && !isOpen ? [{ name: "report.open", run: open }] : []);
  if (!mayRead) return null;
  return (
    <section className="block case-report">
      <h2 ref={heading} tabIndex={-1}>
        {t("report.title")}
      </h2>
      {isOpen ? (
        <Suspense>
          <ReportPane key={caseId} caseId={caseId} places={places} />
        </Suspense>
      ) : (
        <Button icon="file" onPress={open}>
          {t("report.open")}
        </Button>
      )}
    </section>
  );
}
