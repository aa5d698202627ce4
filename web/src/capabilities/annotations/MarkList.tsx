import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { SearchField } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import type { Annotator } from "../../viewer/annotate/annotator";
import type { Mark } from "../../viewer/annotate/mark";
import { useMe } from "../access/me";
import { ClassSign } from "./ClassSign";
import { useMarkWords, type MarkWords } from "./words";

const FEW = 8;
const rowId = (mark: Mark) => `mark-row-${mark.id}`;

/** Newest first; what text is typed narrows it. */
function useListed(annotator: Annotator, text: string, words: MarkWords): Mark[] {
  const version = annotator.version();
  return useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const all = [...annotator.document.marks.values()];
    const told = (mark: Mark) => [mark.name, mark.note, mark.class ?? "", words.kind(mark.kind), mark.created_by.name].join(" ").toLowerCase();
    const kept = wanted ? all.filter((mark) => told(mark).includes(wanted)) : all;
    return kept.sort((a, b) => (a.created_at === b.created_at ? (a.id < b.id ? -1 : 1) : a.created_at < b.created_at ? 1 : -1));
    // The version stands for the marks, which are changed in place.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [annotator, version, text, words]);
}

function Row({ mark, annotator, mine, words }: { mark: Mark; annotator: Annotator; mine: boolean; words: MarkWords }) {
  const { t } = useTranslation();
  const figure = words.figure(mark);
  return (
    <>
      <ClassSign of={annotator.screen.classOf(mark)} />
      <span className="name">{words.title(mark)}</span>
      {figure && <span className="figures">{figure}</span>}
      {!mine && <span className="second by">{mark.created_by.name}</span>}
      {mark.locked && (
        <>
          <Icon name="lock" />
          <span className="visually-hidden">{t("annotate.locked")}</span>
        </>
      )}
    </>
  );
}

/** All marks of the slide, so that each can be reached without the pointer. */
export function MarkList({ annotator, pane }: { annotator: Annotator; pane: string }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const words = useMarkWords();
  const me = useMe().data?.person_id;
  const [text, setText] = useState("");
  const marks = useListed(annotator, text, words);
  const total = annotator.document.marks.size;
  const scroller = useRef<HTMLDivElement>(null);
  const height = parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || 36;
  const rows = useVirtualizer({ count: marks.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 8 });
  const at = marks.findIndex((mark) => mark.id === annotator.selected?.id);
  const atId = annotator.selected?.id;
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
    // Only a new selection moves the list.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [atId]);
  const go = (mark: Mark) => {
    annotator.select(mark.id);
    annotator.goTo(mark.id);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    const selected = annotator.selected;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined) {
      const next = marks[Math.min(marks.length - 1, Math.max(0, at < 0 && step > 0 && step < Infinity ? 0 : at + step))];
      if (next) annotator.select(next.id);
    } else if (event.key === "Enter" && selected) {
      go(selected);
      document.querySelector<HTMLElement>(`[data-pane="${pane}"]`)?.focus({ preventScroll: true });
    } else if ((event.key === "Delete" || event.key === "Backspace") && selected) annotator.removeSelected();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className="block mark-list">
      <h3>{t("annotate.count", { count: total })}</h3>
      {total > FEW && <SearchField label={t("annotate.search")} hint={t("annotate.searchHint")} value={text} onChange={setText} />}
      {total === 0 && <p className="second">{t(annotator.mayDraw ? "annotate.empty" : "annotate.emptyReader")}</p>}
      {total > 0 && marks.length === 0 && <p className="second">{t("annotate.noMatch")}</p>}
      {marks.length > 0 && (
        <div
          ref={scroller}
          className="mark-rows"
          role="listbox"
          tabIndex={0}
          aria-label={t("annotate.list", { total: number(marks.length) })}
          aria-activedescendant={at >= 0 && marks[at] ? rowId(marks[at]) : undefined}
          onKeyDown={onKeyDown}
        >
          <div style={{ height: rows.getTotalSize(), position: "relative" }} role="presentation">
            {rows.getVirtualItems().map(({ index, start }) => {
              const mark = marks[index];
              if (!mark) return null;
              return (
                <div
                  key={mark.id}
                  id={rowId(mark)}
                  role="option"
                  aria-selected={index === at}
                  aria-setsize={marks.length}
                  aria-posinset={index + 1}
                  className="mark-row"
                  style={{ transform: `translateY(${start}px)`, height }}
                  onClick={() => { annotator.select(mark.id); }}
                  onDoubleClick={() => { go(mark); }}
                >
                  <Row mark={mark} annotator={annotator} mine={mark.created_by.id === me} words={words} />
                </div>
              );
            })}
          </div>
        </div>
      )}
    </section>
  );
}
