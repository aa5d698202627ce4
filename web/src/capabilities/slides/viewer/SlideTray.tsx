/** The slides of the list that one came from, beside the slide or on small screens below it: small, in order, each with how far one is with it. */
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { listProgress } from "../../../api/reading";
import { thumbnailUrl, type Listing } from "../../../api/slides";
import type { ImageSummary, ReadingProgress } from "../../../api/types";
import { useFormats } from "../../../i18n/format";
import { sureShare } from "../../reading/use_reading";
import { useImages } from "../library/images";

const ITEM_PX = 116;
/** Across, in a strip. */
const STRIP_ITEM_PX = 96;
const MOST_ASKED = 100;
const UNREAD: ReadingProgress["shares"] = [{ objective: 0, share: 0 }];

interface SlideTrayProps {
  listing: Listing;
  /** Where the slide on the screen is in the list. */
  place: number;
  onChoose: (place: number, id: string) => void;
  /** Lies below the slide, and is gone through from side to side. */
  isStrip: boolean;
}

export function SlideTray({ listing, place, onChoose, isStrip }: SlideTrayProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  const counted = useImages(listing, place, place, -1);
  const item = isStrip ? STRIP_ITEM_PX : ITEM_PX;
  const rows = useVirtualizer({
    horizontal: isStrip,
    count: counted.total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => item,
    overscan: 4,
    initialOffset: Math.max(0, (place - 1) * item),
  });
  const shown = rows.getVirtualItems();
  const images = useImages(listing, shown[0]?.index ?? place, shown.at(-1)?.index ?? place, -1);
  const ids = shown.flatMap(({ index }) => images.at(index)?.id ?? []).slice(0, MOST_ASKED);
  const { data: progress } = useQuery({
    queryKey: ["progress", ids],
    queryFn: ({ signal }) => listProgress(ids, signal),
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });
  useEffect(() => {
    rows.scrollToIndex(place, { align: first.current ? "center" : "auto" });
    first.current = false;
  }, [rows, place, counted.total]);
  return (
    <nav className={isStrip ? "tray strip" : "tray"} aria-label={t("tray.title")}>
      <div ref={scroller} className="tray-scroller">
        <ol style={{ [isStrip ? "width" : "height"]: rows.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const image = images.at(index);
            return (
              <li key={index} style={isStrip ? { transform: `translateX(${start}px)`, width: item } : { transform: `translateY(${start}px)`, height: item }} aria-setsize={counted.total ?? -1} aria-posinset={index + 1}>
                {image && (
                  <TrayItem image={image} isHere={index === place} progress={progress?.find((one) => one.image_id === image.id)} onChoose={() => { onChoose(index, image.id); }} />
                )}
              </li>
            );
          })}
        </ol>
      </div>
    </nav>
  );
}

export function TrayItem({ image, isHere, progress, onChoose }: { image: Pick<ImageSummary, "id" | "name">; isHere: boolean; progress: ReadingProgress | undefined; onChoose: () => void }) {
  const { t } = useTranslation();
  const { percent, figure } = useFormats();
  const spelled = (progress?.shares ?? []).map(({ objective, share }) =>
    t(progress?.of_tissue ? "reading.share" : "reading.shareOfImage", { magnification: `${figure(objective)}×`, share: percent(sureShare(share)) }),
  );
  return (
    <button type="button" className="tray-item" aria-current={isHere} onClick={onChoose} title={[image.name, ...spelled].join("\n")}>
      <span className="thumbnail">
        <img src={thumbnailUrl(image.id, 128)} alt="" loading="lazy" />
      </span>
      <span className="name">{image.name}</span>
      <span className="tray-bars" aria-hidden="true">
        {(progress?.shares ?? UNREAD).map(({ objective, share }) => (
          <span key={objective} className="tray-bar">
            <span style={{ width: `${share * 100}%` }} />
          </span>
        ))}
      </span>
      <span className="visually-hidden">{spelled.length > 0 ? spelled.join(", ") : t("reading.unread")}</span>
    </button>
  );
}
