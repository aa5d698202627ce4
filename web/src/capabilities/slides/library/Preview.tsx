import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cancelIngest, retryImage, thumbnailUrl } from "../../../api/slides";
import type { ImageDetail, ImageSummary } from "../../../api/types";
import { useSay } from "../../../i18n/sentences";
import { useProblemText } from "../../../shell/problem";
import { Button } from "../../../ui/controls";
import { Icon } from "../../../ui/icons";
import { usePermission } from "../../access/me";
import { Elements, Findings } from "../detail/Metadata";
import { imageQuery } from "./images";
import { ProgressLine, Status } from "./status";

function Quarantine({ image }: { image: ImageDetail }) {
  const { t } = useTranslation();
  const say = useSay();
  const client = useQueryClient();
  const problemText = useProblemText();
  const retry = useMutation({
    mutationFn: () => retryImage(image.id),
    onSettled: () => client.invalidateQueries({ queryKey: ["revision"] }),
  });
  return (
    <section className="quarantine">
      <h3>
        <Icon name="warning" />
        {t("quarantine.title")}
      </h3>
      <p>{image.reason_said ? say(image.reason_said) : t("quarantine.noReason")}</p>
      <Button needsServer
        icon="retry"
        isPending={retry.isPending}
        onPress={() => {
          retry.mutate();
        }}
      >
        {t("quarantine.retry")}
      </Button>
      {retry.error && <p role="alert">{problemText(retry.error)}</p>}
    </section>
  );
}

/** How far the ingest of a slide has come, and the way to stop it. */
function OnItsWay({ summary }: { summary: ImageSummary }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const mayCancel = usePermission("slides.ingest");
  const cancel = useMutation({
    mutationFn: () => cancelIngest(summary.id),
    onSettled: () =>
      Promise.all(["image", "images", "revision"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
  return (
    <>
      {summary.progress ? <ProgressLine progress={summary.progress} /> : <Status image={summary} />}
      {mayCancel && (
        <div className="actions">
          <Button needsServer icon="close" isPending={cancel.isPending} onPress={() => { cancel.mutate(); }}>
            {t("ingest.cancel")}
          </Button>
        </div>
      )}
      {cancel.error && <p role="alert">{problemText(cancel.error)}</p>}
    </>
  );
}

interface PreviewProps {
  summary: ImageSummary | undefined;
  /** The list in the words of the address, for the viewer. */
  origin: Record<string, string>;
}

export function Preview({ summary, origin }: PreviewProps) {
  const { t } = useTranslation();
  const image = useQuery({ ...imageQuery(summary?.id ?? ""), enabled: summary !== undefined }).data;
  return (
    <aside className="preview" aria-label={t("library.preview")} tabIndex={0}>
      {!summary && <p className="blank">{t("library.preview.none")}</p>}
      {summary && (
        <>
          {summary.status === "available" && (
            <Link to="/slides/$id" params={{ id: summary.id }} search={origin} className="preview-image" tabIndex={-1} aria-hidden="true">
              <img key={summary.id} src={thumbnailUrl(summary.id, 512)} alt="" />
            </Link>
          )}
          <div className="preview-head">
            <h2>{summary.name}</h2>
            {summary.status === "available" && (
              <div className="actions">
                <Link to="/slides/$id" params={{ id: summary.id }} search={origin} className="button primary" title={t("library.openHint")}>
                  {t("library.open")}
                </Link>
              </div>
            )}
            {(summary.status === "receiving" || summary.status === "hashed") && <OnItsWay key={summary.id} summary={summary} />}
          </div>
          {image?.status === "quarantined" && <Quarantine image={image} />}
          {image && image.findings.length > 0 && <Findings findings={image.findings} />}
          {image && image.elements.length > 0 && <Elements image={image} />}
        </>
      )}
    </aside>
  );
}
