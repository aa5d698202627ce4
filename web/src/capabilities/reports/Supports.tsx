/** What supports a statement: marks, measurements and regions of slides, each a way to look at it. */
import { useTranslation } from "react-i18next";
import type { ReportContent, ReportSupport } from "../../api/types";
import type { IconName } from "../../ui/icons";
import { Button, IconButton } from "../../ui/controls";
import { useAnnotator } from "../annotations/annotators";
import { useMarkWords } from "../annotations/words";
import { fieldOf, regionOfMark, usePlaces } from "./place";
import { statementOf, supported, unsupported } from "./statements";

const ICONS: Record<ReportSupport["kind"], IconName> = { annotation: "polygon", layer: "overlay", measurement: "line", region: "fit", model: "eye" };

/** Characters of what a support tells. */
const MOST_SAID = 200;

interface SupportsProps {
  subject: string;
  content: ReportContent;
  /** Undefined where nothing can be changed. */
  onChange?: ((content: ReportContent) => void) | undefined;
}

/** What is pointed at so far. */
export function Supports({ subject, content, onChange }: SupportsProps) {
  const { t } = useTranslation();
  const { go } = usePlaces();
  const supports = statementOf(content, subject)?.supports ?? [];
  if (supports.length === 0) return null;
  return (
    <ul className="supports" aria-label={t("report.supports")}>
      {supports.map((support, index) => {
        const { kind, image_id: image, region } = support;
        const text = [t(`report.support.${kind}`), support.said || (kind === "model" ? support.reference : "")].filter(Boolean).join(": ");
        return (
          <li key={index} className="support">
            {image && region ? (
              <Button look="quiet" icon={ICONS[kind]} onPress={() => { go(image, region); }}>
                {text}
              </Button>
            ) : (
              <span className="second">{text}</span>
            )}
            {/* Which model had been there is not for whoever changed its words to take away. */}
            {onChange && kind !== "model" && <IconButton icon="close" label={t("report.support.remove", { support: text })} onPress={() => { onChange(unsupported(content, subject, support)); }} />}
          </li>
        );
      })}
    </ul>
  );
}

interface AddSupportProps extends Required<SupportsProps> {
  /** Of the field whose answer is supported. */
  label: string;
  onChange: (content: ReportContent) => void;
}

/** Points at what is on the screen: the field, or the mark that is selected. It has a place of its own, so that nothing moves while one clicks. */
export function AddSupport({ subject, label, content, onChange }: AddSupportProps) {
  const { t } = useTranslation();
  const { beside } = usePlaces();
  const words = useMarkWords();
  const annotator = useAnnotator(beside?.pane ?? "");
  const view = beside?.view;
  if (!beside || !view || label === "") return null;
  const mark = annotator?.selected;
  const add = (support: ReportSupport) => { onChange(supported(content, subject, support)); };
  const addField = () => {
    const region = fieldOf(view.fieldCorners(), view.extent);
    if (region) add({ kind: "region", reference: "", image_id: beside.image, region, said: "" });
  };
  const addMark = () => {
    if (!mark) return;
    const figure = words.figure(mark);
    add({
      kind: figure && mark.kind !== "points" ? "measurement" : "annotation",
      reference: mark.id,
      image_id: beside.image,
      region: regionOfMark(mark, view.spacing),
      said: [words.title(mark), figure].filter(Boolean).join(", ").slice(0, MOST_SAID),
    });
  };
  return (
    <div className="add-support" role="group" aria-label={t("report.support.of", { field: label })}>
      <span className="second">{label}</span>
      <Button look="quiet" icon="fit" onPress={addField}>
        {t("report.support.addField")}
      </Button>
      {mark && (
        <Button look="quiet" icon="polygon" onPress={addMark}>
          {t("report.support.addMark", { mark: words.title(mark) })}
        </Button>
      )}
    </div>
  );
}
