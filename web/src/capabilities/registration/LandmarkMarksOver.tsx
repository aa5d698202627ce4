import "./registration.css";
import { useEffect, useRef } from "react";
import type { Landmarks, Landmark, Side } from "../../viewer/compare/landmarks";
import { LandmarkMarks } from "../../viewer/compare/landmark_marks";
import type { SlideView } from "../../viewer/slide_view";

/** Crosses on one of the two slides, and one for the middle of the field, which Enter marks. */
export function LandmarkMarksOver({ view, landmarks, list, side }: { view: SlideView; landmarks: Landmarks; list: readonly Landmark[]; side: Side }) {
  const holder = useRef<HTMLDivElement>(null);
  const marks = useRef<LandmarkMarks | null>(null);
  useEffect(() => {
    if (!holder.current) return;
    const made = new LandmarkMarks(holder.current, view, (index, place) => { landmarks.move(index, side, place); });
    marks.current = made;
    return () => {
      made.destroy();
      marks.current = null;
    };
  }, [view, landmarks, side]);
  useEffect(() => {
    marks.current?.show(list.map((landmark) => landmark[side]));
  }, [view, landmarks, list, side]);
  return <div ref={holder} className="landmark-holder" />;
}
