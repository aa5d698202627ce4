/** The slides of the case at hand, beside the slide: in the order of their labels, each with how far one is with it. */
import "./cases.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { listProgress } from "../../api/reading";
import { TrayItem } from "../slides/viewer/SlideTray";
import { shortOf } from "./CasePreview";
import type { CaseReading } from "./use_case_reading";

interface CaseTrayProps {
  reading: CaseReading;
  /** Lies below the slide, and is gone through from side to side. */
  isStrip: boolean;
  onChoose: (id: string) => void;
}

export function CaseTray({ reading, isStrip, onChoose }: CaseTrayProps) {
  const { t } = useTranslation();
  const here = useRef<HTMLLIElement>(null);
  const ids = reading.slides.map(({ id }) => id);
  const { data: progress } = useQuery({
    queryKey: ["progress", ids],
    queryFn: ({ signal }) => listProgress(ids, signal),
    placeholderData: (before) => before,
  });
  useEffect(() => {
    here.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [reading.place]);
  return (
    <nav className={isStrip ? "tray strip case-tray" : "tray case-tray"} aria-label={t("cases.tray")}>
      <ol className="tray-scroller">
        {reading.slides.map(({ id, slide }, index) => (
          <li key={id} ref={index === reading.place ? here : null}>
            <TrayItem
              image={{ id, name: [shortOf(slide.identifier), slide.description].filter(Boolean).join(" ") }}
              isHere={index === reading.place}
              progress={progress?.find((one) => one.image_id === id)}
              onChoose={() => { onChoose(id); }}
            />
          </li>
        ))}
      </ol>
    </nav>
  );
}
