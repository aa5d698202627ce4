import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { thumbnailUrl } from "../../../api/slides";
import type { ImageSummary } from "../../../api/types";
import { useFormats } from "../../../i18n/format";
import { TableRows, useFollowedRange, type ListProps } from "../../../ui/TableRows";
import { Status } from "./status";

export interface RowsProps extends ListProps<ImageSummary> {
  /** Cards in a row, for the arrow keys. */
  onColumns: (columns: number) => void;
}

const COLUMNS = ["thumbnail", "name", "stain", "organ", "scanner", "pixels", "spacing", "bytes", "status", "added"] as const;
const rowId = (index: number) => `card-${index}`;
const CARD = { width: 220, height: 212 };

function Thumbnail({ image, width }: { image: ImageSummary; width: number }) {
  if (image.status !== "available") return <span className="thumbnail" />;
  return (
    <span className="thumbnail">
      <img src={thumbnailUrl(image.id, width)} alt="" loading="lazy" decoding="async" draggable={false} />
    </span>
  );
}

/** The model. A maker alone is no model, which the findings of the slide say is missing. */
function useScannerText(): (image: ImageSummary) => string {
  const { t } = useTranslation();
  return ({ scanner_model: model, vendor }) => model ?? (vendor ? t("scanner.unknownModel", { vendor }) : "");
}

function Cells({ image }: { image: ImageSummary }) {
  const scannerText = useScannerText();
  const { figure, number, bytes, date } = useFormats();
  const spacing = image.spacing_um;
  return (
    <>
      <span role="gridcell">
        <Thumbnail image={image} width={128} />
      </span>
      <span role="gridcell" className="name" title={image.name}>
        {image.name}
      </span>
      <span role="gridcell">{image.stain}</span>
      <span role="gridcell">{image.organ}</span>
      <span role="gridcell" title={scannerText(image)}>
        {scannerText(image)}
      </span>
      <span role="gridcell" className="figures">
        {image.width_px && image.height_px ? `${number(image.width_px)} × ${number(image.height_px)}` : ""}
      </span>
      <span role="gridcell" className="figures">
        {spacing ? figure(spacing.x) : ""}
      </span>
      <span role="gridcell" className="figures">
        {image.size_bytes === null ? "" : bytes(image.size_bytes)}
      </span>
      <span role="gridcell">
        <Status image={image} />
      </span>
      <span role="gridcell" className="figures">
        {date(image.created_at)}
      </span>
    </>
  );
}

export function ListRows({ onColumns, ...list }: RowsProps) {
  const { t } = useTranslation();
  useEffect(() => {
    onColumns(1);
  }, [onColumns]);
  const heading = (column: (typeof COLUMNS)[number]) => (column === "thumbnail" ? <span className="visually-hidden">{t("column.thumbnail")}</span> : t(`column.${column}`));
  return (
    <TableRows
      {...list}
      label={t("library.title")}
      kind="slide-row"
      columns={COLUMNS.map((id) => ({ id, heading: heading(id), className: `column-${id}` }))}
      cells={(image) => <Cells image={image} />}
    />
  );
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(entry.contentRect.width);
    });
    observer.observe(element.current);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return width;
}

export function GridRows({ total, at, active, goal, onActive, onOpen, onRange, onColumns }: RowsProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = Math.max(1, Math.floor((useWidth(scroller) - 16) / CARD.width));
  const rows = useVirtualizer({
    count: Math.ceil(total / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD.height,
    overscan: 3,
  });
  const items = rows.getVirtualItems();
  useFollowedRange((items[0]?.index ?? 0) * columns, Math.min(total, ((items.at(-1)?.index ?? 0) + 1) * columns) - 1, onRange);
  useEffect(() => {
    if (goal >= 0) rows.scrollToIndex(Math.floor(goal / columns), { align: "auto" });
  }, [goal, columns, rows]);
  useEffect(() => {
    onColumns(columns);
  }, [columns, onColumns]);
  return (
    <div
      ref={scroller}
      className="rows cards"
      role="listbox"
      tabIndex={0}
      aria-label={t("library.title")}
      aria-activedescendant={active >= 0 ? rowId(active) : undefined}
    >
      <div role="presentation" style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map(({ index: row, start }) => (
          <div key={row} role="presentation" className="card-row" style={{ transform: `translateY(${start}px)` }}>
            {Array.from({ length: columns }, (_, column) => row * columns + column)
              .filter((index) => index < total)
              .map((index) => {
                const image = at(index);
                return (
                  <div
                    key={index}
                    id={rowId(index)}
                    role="option"
                    aria-selected={index === active}
                    className="card"
                    onClick={() => {
                      onActive(index);
                    }}
                    onDoubleClick={() => {
                      if (image) onOpen(image);
                    }}
                  >
                    {image && (
                      <>
                        <Thumbnail image={image} width={256} />
                        <span className="name">{image.name}</span>
                        <span className="second">
                          <span>{[image.stain, image.organ].filter(Boolean).join(" · ")}</span>
                          {image.status !== "available" && <Status image={image} />}
                        </span>
                      </>
                    )}
                  </div>
                );
              })}
          </div>
        ))}
      </div>
    </div>
  );
}
