import { useTranslation } from "react-i18next";
import type { ImageDetail, ImageSummary, Progress } from "../../../api/types";
import type { MessageKey } from "../../../i18n/messages";
import { isKnown } from "../../../i18n/known";
import { useFormats } from "../../../i18n/format";
import { Meter } from "../../../ui/controls";
import { Icon } from "../../../ui/icons";

/** Stages that count bytes. */
const BYTE_STAGES: readonly string[] = ["hash", "keep"];

type StageKey = Extract<MessageKey, `stage.${string}`>;

export function useStageName(): (progress: Progress) => string {
  const { t } = useTranslation();
  return (progress) => {
    const key = `stage.${progress.stage}`;
    return t(isKnown<StageKey>(key) ? key : "stage.other");
  };
}

/** The state of a slide: a word and a shape, or a bar while something is in progress. */
export function Status({ image }: { image: Pick<ImageSummary | ImageDetail, "status" | "progress"> }) {
  const { t } = useTranslation();
  const stageName = useStageName();
  if (image.progress && image.status !== "available" && image.status !== "quarantined") {
    const { done, total } = image.progress;
    return (
      <span className="status progress">
        <span>{stageName(image.progress)}</span>
        <Meter label={stageName(image.progress)} done={done} total={total} />
      </span>
    );
  }
  return (
    <span className={`status ${image.status}`}>
      {image.status === "available" && <Icon name="check" />}
      {image.status === "quarantined" && <Icon name="warning" />}
      {t(`status.${image.status}`)}
    </span>
  );
}

export function ProgressLine({ progress }: { progress: Progress }) {
  const { t } = useTranslation();
  const stageName = useStageName();
  const { number, bytes } = useFormats();
  const spell = BYTE_STAGES.includes(progress.stage) ? bytes : number;
  return (
    <div className="progress-line">
      <div>
        <span>{stageName(progress)}</span>
        {progress.total > 0 && <span>{t("progress.of", { done: spell(progress.done), total: spell(progress.total) })}</span>}
      </div>
      <Meter label={stageName(progress)} done={progress.done} total={progress.total} />
    </div>
  );
}
