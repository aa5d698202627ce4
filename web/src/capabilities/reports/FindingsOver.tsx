/** Over the slide: the places of the statement of a model at hand, as long as nobody took it on. */
import "./drafted.css";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { FindingMarks } from "../../viewer/finding_marks";
import type { SlideView } from "../../viewer/slide_view";
import type { Beside, Region } from "./place";

function Marks({ view, regions }: { view: SlideView; regions: readonly Region[] }) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!holder.current) return;
    const marks = new FindingMarks(holder.current, view);
    marks.show(regions);
    return () => { marks.destroy(); };
  }, [view, regions]);
  return <div ref={holder} className="finding-holder" />;
}

export function FindingsOver({ beside, regions }: { beside: Beside; regions: readonly Region[] }) {
  const [pane, setPane] = useState<Element | null>(null);
  useEffect(() => { setPane(document.querySelector(`[data-pane="${beside.pane}"]`)); }, [beside.pane]);
  if (pane === null || beside.view === null || regions.length === 0) return null;
  return createPortal(<Marks view={beside.view} regions={regions} />, pane);
}
