/** Whose slide this is, in the header and nowhere else: never in the title, an address, storage or a log. */
import "./cases.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { imageCaseQuery } from "../../api/cases";
import type { CaseRow, ImageCase } from "../../api/types";
import { usePermission } from "../access/me";
import { PatientName } from "./CaseRows";
import { shortOf } from "./CasePreview";
import { decodeFilter, encodeFilter } from "./worklist_state";

/** The case that an image is linked to; undefined as long as nobody knows, and for who may see no cases. */
export function useImageCase(id: string): ImageCase | undefined {
  const mayView = usePermission("cases.view");
  const { data } = useQuery({ ...imageCaseQuery(id), enabled: mayView });
  return data;
}

export function CaseTitle({ row }: { row: CaseRow }) {
  return (
    <span className="identity patient-identity">
      <PatientName row={row} />
      <span className="figures number">{row.number}</span>
    </span>
  );
}

interface CaseIdentityProps {
  shown: CaseRow;
  identifier: string | null;
  stain: string;
}

/** Name and number of the patient, number of the case, and which of its slides this is. */
export function CaseIdentity({ shown, identifier, stain }: CaseIdentityProps) {
  const { t } = useTranslation();
  const search = encodeFilter(decodeFilter(Object.fromEntries(new URLSearchParams(window.location.search))));
  return (
    <span className="identity patient-identity">
      <PatientName row={shown} />
      <Link to="/cases/$id" params={{ id: shown.id }} search={search} className="figures number" title={t("cases.openCase")}>
        {shown.number}
      </Link>
      <span className="second">{[identifier ? shortOf(identifier) : "", stain].filter(Boolean).join(" · ")}</span>
    </span>
  );
}
