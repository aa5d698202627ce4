import "./cases.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { caseQuery, readRequest } from "../../api/cases";
import { listProgress } from "../../api/reading";
import { thumbnailUrl } from "../../api/slides";
import type { CaseDetail, CaseRow, MaterialShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { Button } from "../../ui/controls";
import { sureShare } from "../reading/use_reading";
import { Assignment } from "./Assignment";
import { BandMark } from "./BandMark";
import { PatientName, PriorityMark } from "./CaseRows";
import { encodeFilter, type WorklistFilter } from "./worklist_state";

/** The slides of a case that have a scan which one may see, each by its newest. */
export function scansOf(shown: Pick<CaseDetail, "material">): { slide: MaterialShown; image: string }[] {
  return shown.material.flatMap((slide) => {
    const image = slide.image_ids.at(-1);
    return image === undefined ? [] : [{ slide, image }];
  });
}

/** The part of an identifier that tells slides of one case apart. */
export const shortOf = (identifier: string) => identifier.split("/").slice(1).join("/");

interface RequestProps {
  id: string;
  heading: "h2" | "h3";
}

export function Request({ id, heading: Heading }: RequestProps) {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: ["case-request", id], queryFn: ({ signal }) => readRequest(id, signal), gcTime: 60_000, retry: false });
  if (!data || !(data.history || data.department || data.clinician)) return null;
  return (
    <section className="block">
      <Heading>{t("cases.request")}</Heading>
      <p className="second">{[data.department, data.clinician].filter(Boolean).join(" · ")}</p>
      <p className="request">{data.history}</p>
    </section>
  );
}

interface CasePreviewProps {
  row: CaseRow | undefined;
  filter: WorklistFilter;
  onOpen: (row: CaseRow) => void;
}

export function CasePreview({ row, filter, onOpen }: CasePreviewProps) {
  const { t } = useTranslation();
  const { dateTime, percent } = useFormats();
  const detail = useQuery({ ...caseQuery(row?.id ?? ""), enabled: row !== undefined }).data;
  const shown = detail?.id === row?.id ? detail : undefined;
  const scans = shown ? scansOf(shown) : [];
  const ids = scans.map(({ image }) => image);
  const { data: progress } = useQuery({ queryKey: ["progress", ids], queryFn: ({ signal }) => listProgress(ids, signal), enabled: ids.length > 0 });
  return (
    <aside className="preview" aria-label={t("worklist.preview")} tabIndex={0}>
      {!row && <p className="blank">{t("worklist.preview.none")}</p>}
      {row && (
        <>
          <div className="preview-head">
            <h2>
              <PatientName row={row} />
            </h2>
            <p>
              <span className="figures">{row.number}</span> <span className="second">{row.specimen}</span>
            </p>
            <p className="second">
              <PriorityMark row={row} /> · {t(`cases.status.${row.status}`)} · {t("cases.due", { time: dateTime(row.due_at) })}
            </p>
            {row.band && (
              <p className="said">
                <span className="second">{t("worklist.column.models")}</span> <BandMark row={row} />
              </p>
            )}
            <div className="actions">
              <Button look="primary" onPress={() => { onOpen(row); }}>
                {t(row.first_image_id === null ? "cases.openCase" : "cases.read")}
              </Button>
              {row.first_image_id !== null && (
                <Link to="/cases/$id" params={{ id: row.id }} search={encodeFilter(filter)} className="button">
                  {t("cases.openCase")}
                </Link>
              )}
            </div>
          </div>
          {shown && <Assignment key={shown.id} shown={shown} heading="h3" />}
          {scans.length > 0 && (
            <section className="block">
              <h3>{t("cases.slides")}</h3>
              <ul className="case-slides">
                {scans.map(({ slide, image }) => {
                  const share = Math.max(0, ...(progress?.find((one) => one.image_id === image)?.shares ?? []).map((one) => one.share));
                  return (
                    <li key={image}>
                      <Link to="/slides/$id" params={{ id: image }} search={encodeFilter(filter)}>
                        <span className="thumbnail">
                          <img src={thumbnailUrl(image, 128)} alt="" loading="lazy" />
                        </span>
                        <span className="name">{shortOf(slide.identifier)}</span>
                        <span className="second">{slide.description}</span>
                        <span className="second">{share > 0 ? t("cases.seen", { share: percent(sureShare(share)) }) : t("reading.unread")}</span>
                      </Link>
                    </li>
                  );
                })}
              </ul>
            </section>
          )}
          {row.patient && <Request key={`request ${row.id}`} id={row.id} heading="h3" />}
        </>
      )}
    </aside>
  );
}
