/** A long list as a table of which only the rows in view are drawn; one of them is at hand. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type KeyboardEventHandler, type ReactNode } from "react";

export interface ListProps<Row> {
  total: number;
  /** Undefined while it is not loaded. */
  at: (index: number) => Row | undefined;
  active: number;
  /** The row to bring into view; negative for none. */
  goal: number;
  onActive: (index: number) => void;
  onOpen: (row: Row) => void;
  onRange: (first: number, last: number) => void;
}

export interface TableLook<Row> {
  label: string;
  /** A class of every row, which says how wide its columns are; begins the ids of the rows. */
  kind: `${string}-row`;
  columns: readonly { id: string; heading: ReactNode; className?: string }[];
  cells: (row: Row) => ReactNode;
}

interface TableRowsProps<Row> extends ListProps<Row>, TableLook<Row> {
  /** Of all rows where more of them are to come; -1 where nobody knows. */
  rowCount?: number;
  isBusy?: boolean;
  onKeyDown?: KeyboardEventHandler;
  /** Below the last row. */
  end?: ReactNode;
}

const rowHeight = (): number => parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || 36;

/** Tells which rows are drawn, whenever it is others. */
export function useFollowedRange(first: number, last: number, onRange: (first: number, last: number) => void): void {
  const report = useRef(onRange);
  report.current = onRange;
  useEffect(() => {
    report.current(first, last);
  }, [first, last]);
}

export function TableRows<Row>({ label, kind, columns, cells, total, at, active, goal, onActive, onOpen, onRange, rowCount = total, isBusy = false, onKeyDown, end }: TableRowsProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = rowHeight();
  const rows = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 12 });
  const items = rows.getVirtualItems();
  useFollowedRange(items[0]?.index ?? 0, items.at(-1)?.index ?? 0, onRange);
  useEffect(() => {
    if (goal >= 0) rows.scrollToIndex(goal, { align: "auto" });
  }, [goal, rows]);
  const rowId = (index: number) => `${kind}-${index}`;
  return (
    <div
      ref={scroller}
      className="rows"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rowCount < 0 ? -1 : rowCount + 1}
      aria-busy={isBusy}
      aria-activedescendant={active >= 0 ? rowId(active) : undefined}
      onKeyDown={onKeyDown}
    >
      <div className={`row ${kind} head`} role="row" aria-rowindex={1}>
        {columns.map(({ id, heading, className }) => (
          <span key={id} role="columnheader" className={className}>
            {heading}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => {
          const row = at(index);
          return (
            <div
              key={index}
              id={rowId(index)}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={index === active}
              className={`row ${kind}`}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => { onActive(index); }}
              onDoubleClick={() => { if (row) onOpen(row); }}
            >
              {row ? cells(row) : <span role="gridcell" className="waiting" />}
            </div>
          );
        })}
      </div>
      {end}
    </div>
  );
}
