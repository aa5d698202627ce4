import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { Button, IconButton, Select, TextField } from "../../ui/controls";
import type { Annotator } from "../../viewer/annotate/annotator";
import type { Mark } from "../../viewer/annotate/mark";
import { useMe, usePermission } from "../access/me";
import { classesQuery } from "./classes";
import { ClassSign } from "./ClassSign";
import { useMarkWords } from "./words";

const NO_CLASS = "-";

/** A field that is saved when one leaves it, so that each change of a letter is not a command. */
function useKept(value: string, save: (text: string) => void): { value: string; onChange: (text: string) => void; onBlur: () => void } {
  const [text, setText] = useState(value);
  useEffect(() => { setText(value); }, [value]);
  return {
    value: text,
    onChange: setText,
    onBlur: () => {
      if (text !== value) save(text);
    },
  };
}

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

/** One mark in full. */
export function MarkDetail({ annotator, mark }: { annotator: Annotator; mark: Mark }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const words = useMarkWords();
  const me = useMe().data?.person_id;
  const classes = useQuery(classesQuery).data ?? [];
  const frozen = mark.locked || !annotator.mayRevise(mark);
  const mayUnlockOthers = usePermission("annotations.unlock");
  const mayUnlock = mark.created_by.id === me || mayUnlockOthers;
  const name = useKept(mark.name, (text) => { annotator.changeSelected({ name: text }); });
  const note = useKept(mark.note, (text) => { annotator.changeSelected({ note: text }); });
  const known = classes.map(({ name: each }) => ({ value: each, text: each }));
  const strange = mark.class !== null && !classes.some(({ name: each }) => each === mark.class) ? [{ value: mark.class, text: mark.class }] : [];
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
        </>
      ) : (
        <>
          <div className="class-choice">
            <span className="label" aria-hidden="true">
              {t("annotate.classOf")}
            </span>
            <Select
              label={t("annotate.classOf")}
              value={mark.class ?? NO_CLASS}
              options={[{ value: NO_CLASS, text: t("annotate.noClass") }, ...known, ...strange]}
              onChange={(value) => { annotator.changeSelected({ class: value === NO_CLASS ? null : value }); }}
            />
          </div>
          <TextField label={t("annotate.name")} maxLength={200} {...name} />
          <label className="text-field">
            <span className="label">{t("annotate.note")}</span>
            <textarea className="input" rows={2} maxLength={4000} value={note.value} onChange={(event) => { note.onChange(event.target.value); }} onBlur={note.onBlur} />
          </label>
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
