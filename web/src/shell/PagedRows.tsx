/** A table whose rows come in pages as somebody goes down it; by keys, too, while it has the focus. */
import { useEffect, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import { TableRows, type TableLook } from "../ui/TableRows";
import { useProblemText } from "./problem";

const AHEAD = 20;
const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

interface PagedRowsProps<Row> extends TableLook<Row> {
  rows: readonly Row[];
  /** Of all rows, also of those to come; -1 where nobody knows. */
  rowCount: number;
  pages: { hasNextPage: boolean; isFetching: boolean; error: Error | null; fetchNextPage: () => unknown };
  /** Negative for none. */
  selected: number;
  /** Undefined: none shall be selected any more. */
  onSelect: (row: Row | undefined) => void;
  /** Below the last row, once all have come. */
  end?: ReactNode;
}

export function PagedRows<Row>({ rows, pages, selected, onSelect, end, ...table }: PagedRowsProps<Row>) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [last, setLast] = useState(0);
  const { hasNextPage, isFetching, error, fetchNextPage } = pages;
  useEffect(() => {
    // What failed is asked for again by the button: a page that is refused would be asked for without end.
    if (hasNextPage && !isFetching && !error && last >= rows.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetching, error, fetchNextPage, last, rows.length]);
  const select = (place: number) => {
    const row = rows[Math.min(Math.max(place, 0), rows.length - 1)];
    if (row) onSelect(row);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined) select(selected < 0 ? 0 : selected + step);
    else if (event.key === "Home") select(0);
    else if (event.key === "End") select(rows.length - 1);
    else if (event.key === "Escape") onSelect(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <TableRows
      {...table}
      total={rows.length}
      at={(index) => rows[index]}
      active={selected}
      goal={selected}
      onActive={select}
      onOpen={onSelect}
      onRange={(_, lowest) => { setLast(lowest); }}
      isBusy={isFetching}
      onKeyDown={onKeyDown}
      end={
        <>
          {error && (
            <div role="alert" className="rows-end">
              <p>{problemText(error)}</p>
              <Button icon="retry" onPress={() => void fetchNextPage()}>
                {t("action.retry")}
              </Button>
            </div>
          )}
          {!hasNextPage && end}
        </>
      }
    />
  );
}
