/** The tab with everything about annotations: what is drawn with, the marks of this slide, one of them in full. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useProblemText } from "../../shell/problem";
import { Button, Check, IconButton, Select } from "../../ui/controls";
import type { Annotator } from "../../viewer/annotate/annotator";
import { BRUSH_LIMITS, SENSITIVITY_LIMITS } from "../../viewer/annotate/toolbox";
import { usePermission } from "../access/me";
import { toolbox, useAnnotator, useTools } from "./annotators";
import { classesQuery } from "./classes";
import { ClassSign } from "./ClassSign";
import { Exchange } from "./Exchange";
import { History } from "./History";
import { MarkDetail } from "./MarkDetail";
import { MarkList } from "./MarkList";
import { Troubles } from "./Troubles";
import { Unsavable, useTypedTexts } from "./Typed";

const ClassEditor = lazy(() => import("./ClassEditor").then((loaded) => ({ default: loaded.ClassEditor })));
const NO_CLASS = "-";

function ToolSettings() {
  const { t } = useTranslation();
  const { tool, brush, sensitivity, fingers, className } = useTools();
  const classes = useQuery(classesQuery).data ?? [];
  const chosen = classes.find(({ name }) => name === className);
  const mayDefine = usePermission("annotations.define_classes");
  const [edits, setEdits] = useState(false);
  return (
    <section className="block tool-settings">
      <h3>{t("annotate.next")}</h3>
      <div className="class-choice">
        {chosen && <ClassSign of={chosen} />}
        <Select
          label={t("annotate.class")}
          value={className ?? NO_CLASS}
          options={[{ value: NO_CLASS, text: t("annotate.noClass") }, ...classes.map(({ name }) => ({ value: name, text: name }))]}
          onChange={(value) => { toolbox.set({ className: value === NO_CLASS ? null : value }); }}
        />
        {mayDefine && (
          <>
            <span className="spring" />
            <Button look="quiet" needsServer onPress={() => { setEdits(true); }}>
              {t("classes.edit")}
            </Button>
            <Suspense>{edits && <ClassEditor isOpen onClose={() => { setEdits(false); }} />}</Suspense>
          </>
        )}
      </div>
      {tool === "brush" && (
        <label className="slider">
          {t("annotate.brushSize")}
          <input type="range" min={BRUSH_LIMITS[0]} max={BRUSH_LIMITS[1]} value={brush} onChange={(event) => { toolbox.set({ brush: Number(event.target.value) }); }} />
        </label>
      )}
      {tool === "wand" && (
        <label className="slider">
          {t("annotate.sensitivity")}
          <input
            type="range"
            min={SENSITIVITY_LIMITS[0]}
            max={SENSITIVITY_LIMITS[1]}
            step={0.1}
            value={sensitivity}
            onChange={(event) => { toolbox.set({ sensitivity: Number(event.target.value) }); }}
          />
        </label>
      )}
      {navigator.maxTouchPoints > 0 && <Check label={t("annotate.fingers")} checked={fingers} onChange={(on) => { toolbox.set({ fingers: on }); }} />}
    </section>
  );
}

/** What was typed into marks that somebody removed meanwhile. */
function Lost({ annotator }: { annotator: Annotator }) {
  const { t } = useTranslation();
  const typed = useTypedTexts(annotator);
  const { loaded, marks } = annotator.document;
  return loaded && <Unsavable annotator={annotator} texts={typed.lost(marks)} why={t("annotate.unsaved.gone")} />;
}

export function AnnotatePanel({ id, pane }: { id: string; pane: string }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const annotator = useAnnotator(pane);
  const [history, setHistory] = useState(false);
  if (!annotator) return <p className="blank">{t("annotate.notHere")}</p>;
  const { document: marks, mayDraw, selected } = annotator;
  return (
    <div className="annotate">
      <div className="annotate-bar">
        {mayDraw && (
          <>
            <IconButton icon="undo" label={t("annotate.undo")} keys="Ctrl + Z" isDisabled={!marks.canUndo} onPress={() => void annotator.undo()} />
            <IconButton icon="redo" label={t("annotate.redo")} keys="Ctrl + Shift + Z" isDisabled={!marks.canRedo} onPress={() => void annotator.redo()} />
          </>
        )}
        <IconButton needsServer icon="history" label={t("annotate.history")} onPress={() => { setHistory(true); }} />
        <span className="spring" />
        <Exchange id={id} pane={pane} annotator={annotator} />
      </div>
      {marks.error !== null && !marks.loaded && (
        <div className="block" role="alert">
          <p>{problemText(marks.error)}</p>
          <Button icon="retry" onPress={() => void marks.poll()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      <Troubles annotator={annotator} />
      <Lost annotator={annotator} />
      {mayDraw && <ToolSettings />}
      <MarkList annotator={annotator} pane={pane} />
      {selected && <MarkDetail key={selected.id} annotator={annotator} mark={selected} />}
      <History id={id} isOpen={history} onClose={() => { setHistory(false); }} />
    </div>
  );
}
