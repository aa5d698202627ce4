/** Fields of a mark that somebody types into while others may change the mark: what is typed stays, and theirs is shown beside it. */
import { useRef, useSyncExternalStore, type ReactNode, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Annotator } from "../../viewer/annotate/annotator";
import type { Mark } from "../../viewer/annotate/mark";
import { isOvertaken, patchOf, saidIn, type Typed, type TypedField, type TypedTexts } from "../../viewer/annotate/typed";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";

export const FIELD_NAMES = { class: "annotate.classOf", name: "annotate.name", note: "annotate.note" } as const;

/** What is typed; the component is drawn again whenever that changes. */
export function useTypedTexts(annotator: Annotator): TypedTexts {
  const { typed } = annotator.document;
  useSyncExternalStore(typed.subscribe, typed.version);
  return typed;
}

export interface TypedFieldState {
  /** What is typed, else what the mark says. */
  value: string;
  /** What somebody else's change was about to take the place of; null where nothing is in doubt. */
  overtaken: Typed | null;
  onChange: (text: string) => void;
  /** Saves what was typed, unless somebody has to decide first. */
  onBlur: () => void;
  save: () => void;
}

/** A field that is saved when one leaves it, so that each change of a letter is not a command. */
export function useTypedField(annotator: Annotator, mark: Mark, field: TypedField): TypedFieldState {
  const typed = useTypedTexts(annotator);
  const found = typed.find(mark.id, field);
  // A class is saved as soon as it is chosen: one that is still here waits for a decision.
  const overtaken = found && (field === "class" || isOvertaken(found, mark)) ? found : null;
  const save = () => {
    if (found) annotator.changeSelected(patchOf(field, found.text));
  };
  return {
    value: found?.text ?? saidIn(mark, field),
    overtaken,
    onChange: (text) => { typed.type(mark, field, text); },
    onBlur: () => {
      if (!overtaken) save();
    },
    save,
  };
}

interface OvertakenProps {
  annotator: Annotator;
  mark: Mark;
  field: TypedField;
  state: TypedFieldState;
  /** Around the field, which has the focus again once it was decided. */
  around: RefObject<HTMLDivElement | null>;
}

function Overtaken({ annotator, mark, field, state, around }: OvertakenProps) {
  const { t } = useTranslation();
  const { overtaken, save } = state;
  if (!overtaken) return null;
  const theirs = saidIn(mark, field);
  const decide = (how: () => void) => {
    how();
    around.current?.querySelector<HTMLElement>("input, textarea, .button")?.focus();
  };
  return (
    <div className="overtaken" role="alert">
      <p>
        <Icon name="warning" />
        {t(theirs ? "annotate.overtaken" : "annotate.overtaken.emptied", { name: mark.changed_by.name, field: t(FIELD_NAMES[field]) })}
      </p>
      {theirs && <p className="note">{theirs}</p>}
      {field === "class" && <p>{t("annotate.overtaken.chosen", { class: overtaken.text || t("annotate.noClass") })}</p>}
      <div className="actions">
        <Button onPress={() => { decide(() => { annotator.document.typed.drop(overtaken); }); }}>{t("annotate.conflict.theirs")}</Button>
        <Button onPress={() => { decide(save); }}>{t("annotate.conflict.mine")}</Button>
      </div>
    </div>
  );
}

/** A field with what somebody else wrote into it meanwhile. */
export function WithTheirs({ children, ...others }: Omit<OvertakenProps, "around"> & { children: ReactNode }) {
  const around = useRef<HTMLDivElement>(null);
  return (
    <>
      <div ref={around}>{children}</div>
      <Overtaken {...others} around={around} />
    </>
  );
}

/** What was typed and can be saved no more: the mark is gone, or nobody may change it now. */
export function Unsavable({ annotator, texts, why }: { annotator: Annotator; texts: readonly Typed[]; why: string }) {
  const { t } = useTranslation();
  return texts.map((typed) => (
    <section key={`${typed.field}/${typed.id}`} className="overtaken" role="alert">
      <p>
        <Icon name="warning" />
        {why} {t("annotate.unsaved", { field: t(FIELD_NAMES[typed.field]) })}
      </p>
      <p className="note">{typed.text || t("annotate.noClass")}</p>
      <div className="actions">
        <Button onPress={() => { annotator.document.typed.drop(typed); }}>{t("annotate.unsaved.drop")}</Button>
      </div>
    </section>
  ));
}
