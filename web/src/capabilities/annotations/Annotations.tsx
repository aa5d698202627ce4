/** Puts the annotations of a slide on it, and says what happens to those who do not see it. */
import "./annotations.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { importMarks, marksTransport } from "../../api/annotations";
import { onReachable, Problem, UNREACHABLE } from "../../api/client";
import { Annotator } from "../../viewer/annotate/annotator";
import { MarkDocument, type Failure } from "../../viewer/annotate/document";
import { newId } from "../../viewer/annotate/mark";
import type { Notice } from "../../viewer/annotate/notice";
import { marksPrefix, storedShelf } from "../../viewer/annotate/shelf";
import { countUnsent } from "../../shell/unsent";
import type { SlideView } from "../../viewer/slide_view";
import { useMe, usePermission } from "../access/me";
import { setAnnotator, setExchanged, toolbox, typedTextsOf, useAnnotator } from "./annotators";
import { classesQuery } from "./classes";
import { useMarkWords } from "./words";

const POLL_MS = 4000;

/** An answer that may come out otherwise later is waited for: sign-in, a busy or broken server. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Problem)) return "refused";
  if (error.code === "changed-meanwhile") return "changed";
  const mayPass = error.status === UNREACHABLE || error.status >= 500 || error.status === 401 || error.status === 429;
  return mayPass ? "silent" : "refused";
}

interface AnnotationsProps {
  id: string;
  pane: string;
  view: SlideView;
  plane: number;
  element: RefObject<HTMLElement | null>;
}

function useMarks({ id, pane, view, plane, element }: AnnotationsProps): Annotator | null {
  const me = useMe().data;
  const mayDraw = usePermission("annotations.draw");
  const mayRevise = usePermission("annotations.revise");
  const words = useMarkWords();
  const latest = useRef(words);
  latest.current = words;
  const classes = useQuery(classesQuery).data;
  const annotator = useAnnotator(pane);
  const person = me?.person_id;
  const name = me?.display_name ?? "";
  useEffect(() => {
    if (!element.current || person === undefined) return;
    const marks = new MarkDocument({
      transport: marksTransport(id),
      shelf: storedShelf(window.localStorage, marksPrefix(person) + id),
      me: { id: person, name },
      failureOf,
      typed: typedTextsOf(person, id),
      newId,
    });
    const { opening } = view;
    const measures = opening.spacing_um !== null && opening.scale_trust !== "unverified";
    const made = new Annotator({
      view,
      element: element.current,
      document: marks,
      toolbox,
      mayDraw,
      mayRevise: (mark) => mark.created_by.id === person || mayRevise,
      describe: ({ kind, geometry, measured, name: given }) => {
        const figure = measured ? latest.current.figure({ kind, geometry, measured }) : measures ? latest.current.live(kind, geometry, view.spacing) : "";
        return [given, figure].filter(Boolean).join(" · ");
      },
    });
    setAnnotator(pane, made);
    const poll = () => {
      if (document.visibilityState === "visible") void marks.poll();
    };
    poll();
    const timer = setInterval(poll, POLL_MS);
    document.addEventListener("visibilitychange", poll);
    const count = () => { countUnsent(person); };
    const uncount = marks.subscribe(count);
    count();
    const stop = onReachable((reachable) => {
      if (reachable && marks.waiting > 0) void marks.flush();
    });
    const warn = (event: BeforeUnloadEvent) => {
      if (marks.isUnkept || marks.typed.size > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", poll);
      window.removeEventListener("beforeunload", warn);
      stop();
      setAnnotator(pane, null);
      made.destroy();
      uncount();
      count();
      marks.close();
    };
  }, [id, pane, view, element, person, name, mayDraw, mayRevise]);
  useEffect(() => {
    if (classes) annotator?.screen.setClasses(classes);
  }, [annotator, classes]);
  useEffect(() => {
    annotator?.screen.setPlane(plane);
  }, [annotator, plane]);
  return annotator;
}

/** Takes a file of annotations that is dropped on the slide. */
function useDrop(id: string, pane: string, element: RefObject<HTMLElement | null>, annotator: Annotator | null): void {
  useEffect(() => {
    const region = element.current?.parentElement;
    if (!region || !annotator?.mayDraw) return;
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      void takeFile(id, pane, file, annotator);
    };
    region.addEventListener("dragover", over);
    region.addEventListener("drop", drop);
    return () => {
      region.removeEventListener("dragover", over);
      region.removeEventListener("drop", drop);
    };
  }, [id, pane, element, annotator]);
}

export async function takeFile(id: string, pane: string, file: Blob, annotator: Annotator): Promise<void> {
  try {
    const imported = await importMarks(id, file);
    setExchanged(pane, imported);
    await annotator.document.takeAnswer(imported);
  } catch (error) {
    setExchanged(pane, { error });
  }
}

export function Annotations(props: AnnotationsProps) {
  const { t } = useTranslation();
  const words = useMarkWords();
  const annotator = useMarks(props);
  useDrop(props.id, props.pane, props.element, annotator);
  const [{ notice, number }, setNotice] = useState<{ notice: Notice | null; number: number }>({ notice: null, number: 0 });
  useEffect(() => annotator?.onNotice((next) => { setNotice((before) => ({ notice: next, number: before.number + 1 })); }), [annotator]);
  const waiting = annotator?.document.waiting ?? 0;
  const troubles = annotator?.document.troubles.length ?? 0;
  return (
    <>
      <span className="visually-hidden" role="status">
        {/* A new element each time: the same words twice are told twice. */}
        {notice && <span key={number}>{words.notice(notice)}</span>}
      </span>
      {(waiting > 0 || troubles > 0) && (
        <p className="marks-waiting" role="status">
          {[waiting > 0 && t("annotate.waiting", { count: waiting }), troubles > 0 && t("annotate.notTaken", { count: troubles })].filter(Boolean).join(" · ")}
        </p>
      )}
    </>
  );
}
