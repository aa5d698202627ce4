import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { Button, IconButton, Select, TextField } from "../../ui/controls";
import type { Annotator } from "../../viewer/annotate/annotator";
import type { Mark } from "../../viewer/annotate/mark";
import { saidIn, TYPED_FIELDS } from "../../viewer/annotate/typed";
import { useMe, usePermission } from "../access/me";
import { classesQuery } from "./classes";
import { ClassSign } from "./ClassSign";
import { Unsavable, useTypedField, useTypedTexts, WithTheirs } from "./Typed";
import { useMarkWords } from "./words";

const NO_CLASS = "-";

function Measures({ mark }: { mark: Mark }) {
  const { t } = useTranslation();
  const say = useSay();
  const words = useMarkWords();
  const { measured } = mark;
  const figures = [
    ["area", measured?.area_um2 && words.area(measured.area_um2)],
    ["perimeter", measured?.perimeter_um && words.length(measured.perimeter_um)],
    ["length", measured?.length_um && words.length(measured.length_um)],
  ] as const;
  const known = figures.filter(([, text]) => text);
  return (
    <>
      {known.length > 0 && (
        <dl className="measures">
          {known.map(([what, text]) => (
            <div key={what}>
              <dt>{t(`annotate.measure.${what}`)}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {known.length > 0 && <p className="hint">{t("annotate.uncertainty")}</p>}
      {measured?.why_not && <p className="hint">{say(measured.why_not)}</p>}
    </>
  );
}

/** The class, which is saved as soon as it is chosen, unless the mark got another one while one chose. */
function ClassField({ annotator, mark }: { annotator: Annotator; mark: Mark }) {
  const { t } = useTranslation();
  const classes = useQuery(classesQuery).data ?? [];
  const state = useTypedField(annotator, mark, "class");
  const seen = useRef<string | null>(null);
  const known = classes.map(({ name }) => ({ value: name, text: name }));
  const strange = mark.class !== null && !classes.some(({ name }) => name === mark.class) ? [{ value: mark.class, text: mark.class }] : [];
  const choose = (value: string) => {
    const text = value === NO_CLASS ? "" : value;
    const over = seen.current ?? saidIn(mark, "class");
    seen.current = null;
    if (over === saidIn(mark, "class")) annotator.changeSelected({ class: text || null });
    else annotator.document.typed.type(mark, "class", text, over);
  };
  return (
    <WithTheirs annotator={annotator} mark={mark} field="class" state={state}>
      <div className="class-choice">
        <span className="label" aria-hidden="true">
          {t("annotate.classOf")}
        </span>
        <Select
          label={t("annotate.classOf")}
          value={mark.class ?? NO_CLASS}
          options={[{ value: NO_CLASS, text: t("annotate.noClass") }, ...known, ...strange]}
          onOpen={() => { seen.current = saidIn(mark, "class"); }}
          onChange={choose}
        />
      </div>
    </WithTheirs>
  );
}

/** One mark in full. */
export function MarkDetail({ annotator, mark }: { annotator: Annotator; mark: Mark }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const words = useMarkWords();
  const me = useMe().data?.person_id;
  const frozen = mark.locked || !annotator.mayRevise(mark);
  const mayUnlockOthers = usePermission("annotations.unlock");
  const mayUnlock = mark.created_by.id === me || mayUnlockOthers;
  const typed = useTypedTexts(annotator);
  const name = useTypedField(annotator, mark, "name");
  const note = useTypedField(annotator, mark, "note");
  const unsaved = TYPED_FIELDS.flatMap((field) => typed.find(mark.id, field) ?? []);
  return (
    <section className="block mark-detail" aria-label={t("annotate.selected")}>
      <div className="mark-head">
        <ClassSign of={annotator.screen.classOf(mark)} />
        <h3>{words.title(mark)}</h3>
        <span className="spring" />
        <IconButton icon="fit" label={t("annotate.goTo")} onPress={() => { annotator.goTo(mark.id); }} />
        {annotator.mayRevise(mark) && (
          <IconButton
            icon="lock"
            label={t(mark.locked ? "annotate.unlock" : "annotate.lock")}
            pressed={mark.locked}
            isDisabled={mark.locked && !mayUnlock}
            onPress={() => { annotator.changeSelected({ locked: !mark.locked }); }}
          />
        )}
        {annotator.mayRevise(mark) && <IconButton icon="bin" label={t("annotate.remove")} keys="Backspace" isDisabled={mark.locked} onPress={() => { annotator.removeSelected(); }} />}
      </div>
      <Measures mark={mark} />
      {frozen ? (
        <>
          {mark.class !== null && <p>{mark.class}</p>}
          {mark.note && <p className="note">{mark.note}</p>}
          {mark.locked && !mayUnlock && <p className="hint">{t("annotate.lockedBy", { name: mark.created_by.name })}</p>}
          <Unsavable annotator={annotator} texts={unsaved} why={t("annotate.unsaved.frozen")} />
        </>
      ) : (
        <>
          <ClassField annotator={annotator} mark={mark} />
          <WithTheirs annotator={annotator} mark={mark} field="name" state={name}>
            <TextField label={t("annotate.name")} maxLength={200} value={name.value} onChange={name.onChange} onBlur={name.onBlur} />
          </WithTheirs>
          <WithTheirs annotator={annotator} mark={mark} field="note" state={note}>
            <label className="text-field">
              <span className="label">{t("annotate.note")}</span>
              <textarea className="input" rows={2} maxLength={4000} value={note.value} onChange={(event) => { note.onChange(event.target.value); }} onBlur={note.onBlur} />
            </label>
          </WithTheirs>
        </>
      )}
      <p className="hint">
        {t("annotate.made", { name: mark.created_by.name, at: dateTime(mark.created_at) })}
        {mark.version > 1 && ` ${t("annotate.changed", { name: mark.changed_by.name, at: dateTime(mark.changed_at) })}`}
      </p>
      <Button look="quiet" onPress={() => { annotator.select(null); }}>
        {t("annotate.deselect")}
      </Button>
    </section>
  );
}
