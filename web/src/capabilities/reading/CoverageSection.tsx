import "./reading.css";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { coverageFile, listReaders, readerFile } from "../../api/reading";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { usePermission } from "../access/me";
import { CoverageBars } from "./CoverageBars";

const FORMS = ["csv", "geojson", "json"] as const;

/** What of the slide was read: one's own as files, and for who reviews reading everybody's. */
export function CoverageSection({ id }: { id: string }) {
  const { t } = useTranslation();
  const mayReview = usePermission("audit.read");
  return (
    <details className="block coverage">
      <summary>
        <h3>{t("reading.title")}</h3>
      </summary>
      <p className="second">{t("reading.how")}</p>
      <p className="files">
        {t("reading.export")}
        {FORMS.map((form) => (
          <a key={form} href={coverageFile(id, form)} download>
            {form.toUpperCase()}
          </a>
        ))}
      </p>
      {mayReview && <Readers id={id} />}
    </details>
  );
}

/** Asked for by a press, because looking at how others work stands in the log. */
function Readers({ id }: { id: string }) {
  const { t } = useTranslation();
  const { figure, dateTime } = useFormats();
  const problemText = useProblemText();
  const { data, error, refetch } = useQuery({ queryKey: ["readers", id], queryFn: ({ signal }) => listReaders(id, signal), enabled: false });
  return (
    <>
      <Button needsServer onPress={() => void refetch()}>{t("reading.readers")}</Button>
      <p className="second">{t("reading.readersLogged")}</p>
      {error && <p role="alert">{problemText(error)}</p>}
      {data?.length === 0 && <p>{t("reading.noReaders")}</p>}
      <ul className="readers">
        {data?.map((reader) => (
          <li key={reader.person_id}>
            <strong>{reader.name ?? t("audit.unnamed", { id: reader.person_id })}</strong>
            <span className="second">{dateTime(reader.updated_at)}</span>
            <CoverageBars shares={reader.shares.map(({ objective, share }) => ({ name: `${figure(objective)}×`, share }))} ofTissue={reader.of_tissue} />
            {reader.revealed.map((reveal) => (
              <span key={reveal.subject} className="second revealed">
                {t("reading.revealed", { name: reveal.name, at: dateTime(reveal.revealed_at) })}
              </span>
            ))}
            <span className="files">
              {FORMS.map((form) => (
                <a key={form} href={readerFile(id, reader.person_id, form)} download>
                  {form.toUpperCase()}
                </a>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
