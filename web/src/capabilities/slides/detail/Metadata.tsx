/** What is known of a slide, where it was learnt, and what is wrong with it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { stateMetadata } from "../../../api/slides";
import type { ImageDetail, MetadataElement, MetadataFinding } from "../../../api/types";
import type { MessageKey } from "../../../i18n/messages";
import { isKnown } from "../../../i18n/known";
import { THIN_SPACE, useFormats, type Formats } from "../../../i18n/format";
import { useSay, type Template } from "../../../i18n/sentences";
import { useProblemText } from "../../../shell/problem";
import { Button } from "../../../ui/controls";

type ElementKey = Extract<MessageKey, `element.${string}`>;

export function useElementName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => {
    const key = `element.${name}`;
    return isKnown<ElementKey>(key) ? t(key) : name.replaceAll("_", " ");
  };
}

/** The one element that no person can state. */
const FROM_FILE_ONLY = "colour_profile";
const JUDGED_AFTER_MS = 2_000;
const TIME = /^\d{4}-\d{2}-\d{2}T/;

function pairOf(value: unknown): [number, number] | null {
  if (Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "number")) return value as [number, number];
  if (typeof value === "object" && value !== null && "x" in value && "y" in value) return [Number(value.x), Number(value.y)];
  return null;
}

/** A value as people read it; the unit follows from the name of the element. */
export function spellValue(name: string, value: unknown, { figure, dateTime }: Formats): string {
  const pair = pairOf(value);
  if (pair && pair[0] !== pair[1]) return `${figure(pair[0])} × ${figure(pair[1])}${THIN_SPACE}µm/px`;
  if (pair) return `${figure(pair[0])}${THIN_SPACE}µm/px`;
  if (name === "spacing_um") return `${Number.isNaN(Number(value)) ? String(value).replace("x", "×") : figure(Number(value))}${THIN_SPACE}µm/px`;
  if (name === "thickness_um" && !Number.isNaN(Number(value))) return `${figure(Number(value))}${THIN_SPACE}µm`;
  if (name === "objective_power" && !Number.isNaN(Number(value))) return `${figure(Number(value))}×`;
  if (typeof value === "string" && TIME.test(value)) return dateTime(value);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** The one finding that its heading tells already. */
const NOT_STATED: Template = "The {element} is not stated.";

const ICC = /^ICC profile, (\d+) bytes$/;

/** A value in the reader's language; what people or scanners wrote stays as they wrote it. */
function useValueText(): (name: string, value: unknown) => string {
  const { t } = useTranslation();
  const formats = useFormats();
  return (name, value) => {
    if (name === "focus_method" && (value === "auto" || value === "manual")) return t(`value.focus.${value}`);
    const icc = name === "colour_profile" && typeof value === "string" ? ICC.exec(value) : null;
    if (icc) return t("value.icc", { size: formats.bytes(Number(icc[1])) });
    return spellValue(name, value, formats);
  };
}

export function Findings({ findings }: { findings: readonly MetadataFinding[] }) {
  const { t } = useTranslation();
  const elementName = useElementName();
  const say = useSay();
  return (
    <section className="block">
      <h3>{t("detail.findings")}</h3>
      {findings.length === 0 && <p className="second">{t("detail.noFindings")}</p>}
      <ul className="findings">
        {findings.map((finding) => (
          <li key={`${finding.element}/${finding.message}`}>
            <strong>{t("finding.about", { problem: t(`finding.${finding.problem}`), element: elementName(finding.element) })}</strong>
            {finding.template !== NOT_STATED && <span>{say(finding)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Editor({ image, element, onDone }: { image: ImageDetail; element: MetadataElement; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const elementName = useElementName();
  const id = useId();
  const pair = pairOf(element.value);
  const [text, setText] = useState(element.value === null ? "" : pair ? String(pair[0]) : String(element.value));
  const save = useMutation({
    mutationFn: (value: unknown) => stateMetadata(image.id, { [element.name]: value }),
    onSuccess: (fresh) => {
      client.setQueryData(["image", image.id], fresh);
      // An opening fetched ahead would still carry the value before; the one on the screen stays.
      void client.invalidateQueries({ queryKey: ["opening", image.id], refetchType: "none" });
      void client.invalidateQueries({ queryKey: ["images"] });
      // It is judged anew by and by.
      setTimeout(() => {
        void client.invalidateQueries({ queryKey: ["conformity", "slide", image.id] });
        void client.invalidateQueries({ queryKey: ["appraisal", image.id] });
      }, JUDGED_AFTER_MS);
      onDone();
    },
  });
  const submit = () => {
    const figure = Number(text);
    const numeric = element.name === "spacing_um" || element.name === "objective_power" || element.name === "thickness_um";
    save.mutate(numeric && text.trim() !== "" && Number.isFinite(figure) ? figure : text.trim() || null);
  };
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        {t("detail.value", { name: elementName(element.name) })}
      </label>
      <input
        id={id}
        className="input"
        value={text}
        autoFocus
        onChange={(event) => {
          setText(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onDone();
          event.stopPropagation();
        }}
      />
      <Button type="submit" isPending={save.isPending}>
        {t("detail.save")}
      </Button>
      {element.source === "person" && (
        <Button needsServer
          look="quiet"
          onPress={() => {
            save.mutate(null);
          }}
        >
          {t("detail.takeBack")}
        </Button>
      )}
      {save.error && <p role="alert">{problemText(save.error)}</p>}
    </form>
  );
}

export function Elements({ image, editable = false }: { image: ImageDetail; editable?: boolean }) {
  const { t } = useTranslation();
  const valueText = useValueText();
  const elementName = useElementName();
  const [edited, setEdited] = useState<string | null>(null);
  return (
    <section className="block">
      <h3>{t("detail.metadata")}</h3>
      <dl className="facts">
        {image.elements.map((element) => (
          <div key={element.name}>
            <dt>{elementName(element.name)}</dt>
            <dd>
              {edited === element.name ? (
                <Editor
                  image={image}
                  element={element}
                  onDone={() => {
                    setEdited(null);
                  }}
                />
              ) : (
                <>
                  <span className={element.value === null ? (element.required ? "missing required" : "missing") : ""}>
                    {element.value === null
                      ? t(element.required ? "detail.missing.required" : "detail.missing")
                      : valueText(element.name, element.value)}
                  </span>
                  {element.source && (
                    <small>{element.source === "person" ? t("detail.byPerson") : t("detail.source", { source: element.source })}</small>
                  )}
                  {editable && element.name !== FROM_FILE_ONLY && (
                    <button
                      type="button"
                      className="edit"
                      aria-label={`${t("detail.edit")}: ${elementName(element.name)}`}
                      onClick={() => {
                        setEdited(element.name);
                      }}
                    >
                      {t("detail.edit")}
                    </button>
                  )}
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
