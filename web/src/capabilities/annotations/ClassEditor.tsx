/** The classes of one's organisation: names, colours that colour-blind people tell apart, shapes, order. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { defineClasses } from "../../api/annotations";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, IconButton, Select, TextField } from "../../ui/controls";
import { newId } from "../../viewer/annotate/mark";
import { SYMBOLS, type MarkClass } from "../../viewer/annotate/symbols";
import { classesQuery } from "./classes";
import { ClassSign } from "./ClassSign";

/** Okabe and Ito, Color Universal Design, 2008, and a grey. */
const COLOURS = {
  "#D55E00": "vermilion",
  "#009E73": "green",
  "#CC79A7": "purple",
  "#000000": "black",
  "#F0E442": "yellow",
  "#0072B2": "blue",
  "#999999": "grey",
  "#E69F00": "orange",
  "#56B4E9": "sky",
} as const;
type Colour = keyof typeof COLOURS;
const isNamed = (colour: string): colour is Colour => colour in COLOURS;
const upper = (colour: string) => colour.toUpperCase();

interface Row extends MarkClass {
  /** Of the row, so that it keeps the focus while it moves. */
  key: string;
}

const rowOf = (one: MarkClass): Row => ({ name: one.name, colour: upper(one.colour), shape: one.shape, key: newId() });
const looks = ({ colour, shape }: MarkClass) => `${colour} ${shape}`;

/** A look that no class has yet, as long as there is one. */
function freshLook(rows: readonly MarkClass[]): Pick<MarkClass, "colour" | "shape"> {
  const taken = new Set(rows.map(looks));
  const colours = Object.keys(COLOURS);
  for (let step = 0; step < colours.length * SYMBOLS.length; step++) {
    const round = Math.floor(step / colours.length);
    const look = { colour: colours[step % colours.length] ?? "#999999", shape: SYMBOLS[(step + round) % SYMBOLS.length] ?? "circle" };
    if (!taken.has(looks({ name: "", ...look }))) return look;
  }
  return { colour: "#999999", shape: "circle" };
}

function ClassRow({ row, place, last, onChange, onMove, onRemove }: { row: Row; place: number; last: boolean; onChange: (patch: Partial<MarkClass>) => void; onMove: (by: 1 | -1) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const named = { name: row.name || t("classes.unnamed", { number: place + 1 }) };
  const colours = Object.entries(COLOURS).map(([value, word]) => ({ value, text: t(`classes.colour.${word}`) }));
  return (
    <li
      onKeyDown={(event) => {
        if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
        event.preventDefault();
        onMove(event.key === "ArrowUp" ? -1 : 1);
      }}
    >
      <ClassSign of={row} />
      <TextField label={t("classes.name", named)} hidden value={row.name} maxLength={200} onChange={(name) => { onChange({ name }); }} />
      <Select
        label={t("classes.colourOf", named)}
        value={row.colour}
        options={isNamed(row.colour) ? colours : [...colours, { value: row.colour, text: row.colour }]}
        onChange={(colour) => { onChange({ colour }); }}
      />
      <Select
        label={t("classes.shapeOf", named)}
        value={row.shape}
        options={SYMBOLS.map((value) => ({ value, text: t(`classes.shape.${value}`) }))}
        onChange={(shape) => { onChange({ shape }); }}
      />
      <IconButton icon="up" label={t("classes.up", named)} keys="Alt + ↑" isDisabled={place === 0} onPress={() => { onMove(-1); }} />
      <IconButton icon="down" label={t("classes.down", named)} keys="Alt + ↓" isDisabled={last} onPress={() => { onMove(1); }} />
      <IconButton icon="bin" label={t("classes.remove", named)} onPress={onRemove} />
    </li>
  );
}

function Rows({ classes, onClose }: { classes: readonly MarkClass[]; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [rows, setRows] = useState<readonly Row[]>(() => classes.map(rowOf));
  const save = useMutation({
    mutationFn: () => defineClasses(rows.map(({ name, colour, shape }) => ({ name: name.trim(), colour, shape }))),
    onSuccess: (saved) => {
      client.setQueryData(classesQuery.queryKey, saved);
      onClose();
    },
  });
  const change = (key: string, patch: Partial<MarkClass>) => {
    setRows((before) => before.map((row) => (row.key === key ? { ...row, ...patch } : row)));
  };
  const move = (from: number, by: 1 | -1) => {
    const focused = document.activeElement;
    flushSync(() => {
      setRows((before) => {
        const moved = before[from];
        const to = from + by;
        if (!moved || to < 0 || to >= before.length) return before;
        return before.toSpliced(from, 1).toSpliced(to, 0, moved);
      });
    });
    // A row that is put elsewhere loses the focus on its way.
    if (focused instanceof HTMLElement) focused.focus();
  };
  const names = rows.map(({ name }) => name.trim());
  const nameless = names.includes("");
  const twins = new Set(names).size < names.length;
  const alike = new Set(rows.map(looks)).size < rows.length;
  const wrong = nameless ? t("classes.nameless") : twins ? t("classes.twins") : null;
  return (
    <form
      className="form class-editor"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <p className="hint">{t("classes.how")}</p>
      <ul>
        {rows.map((row, index) => (
          <ClassRow
            key={row.key}
            row={row}
            place={index}
            last={index === rows.length - 1}
            onChange={(patch) => { change(row.key, patch); }}
            onMove={(by) => { move(index, by); }}
            onRemove={() => { setRows((before) => before.filter(({ key }) => key !== row.key)); }}
          />
        ))}
      </ul>
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
      {!wrong && alike && <p className="warn" role="status">{t("classes.alike")}</p>}
      {save.error && <p className="wrong" role="alert">{problemText(save.error)}</p>}
      <div className="actions">
        <Button icon="plus" onPress={() => { setRows((before) => [...before, { name: "", ...freshLook(before), key: newId() }]); }}>
          {t("classes.add")}
        </Button>
        <span className="spring" />
        <Button look="quiet" onPress={onClose}>
          {t("action.cancel")}
        </Button>
        <Button look="primary" type="submit" isPending={save.isPending} isDisabled={wrong !== null}>
          {t("action.save")}
        </Button>
      </div>
    </form>
  );
}

export function ClassEditor({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { data: classes } = useQuery(classesQuery);
  return (
    <Dialog title={t("classes.title")} isOpen={isOpen} onClose={onClose}>
      {classes && <Rows classes={classes} onClose={onClose} />}
    </Dialog>
  );
}
