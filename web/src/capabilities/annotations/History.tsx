import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { readHistory, type HistoryEntry } from "../../api/annotations";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import type { Mark } from "../../viewer/annotate/mark";
import { useMarkWords } from "./words";

const PAGE = 50;
const NAMED = 3;

function Changes({ entry }: { entry: HistoryEntry }) {
  const { t } = useTranslation();
  const words = useMarkWords();
  const told = (mark: Mark) => [words.title(mark), words.figure(mark)].filter(Boolean).join(" · ");
  return (
    <ul>
      {entry.changes.slice(0, NAMED).map(({ id, before, after }) => (
        <li key={id}>
          {before && after && told(before) !== told(after) ? `${told(before)} → ${told(after)}` : (after ?? before) && told((after ?? before) as Mark)}
        </li>
      ))}
      {entry.changes.length > NAMED && <li className="second">{t("annotate.history.more", { count: entry.changes.length - NAMED })}</li>}
    </ul>
  );
}

/** Who did what when, newest first. */
export function History({ id, isOpen, onClose }: { id: string; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const problemText = useProblemText();
  const found = useInfiniteQuery({
    queryKey: ["annotations", id, "history"],
    queryFn: ({ pageParam, signal }) => readHistory(id, pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const read = pages.reduce((sum, page) => sum + page.entries.length, 0);
      return read < last.total ? read : undefined;
    },
    enabled: isOpen,
    gcTime: 0,
  });
  const entries = found.data?.pages.flatMap((page) => page.entries) ?? [];
  const did = ({ label, undo_of: undone }: HistoryEntry) => (undone === null ? t(`annotate.did.${label}`) : t("annotate.did.undo", { number: undone }));
  return (
    <Dialog title={t("annotate.history")} isOpen={isOpen} onClose={onClose}>
      <div className="mark-history">
        {found.error && <p role="alert">{problemText(found.error)}</p>}
        {found.isSuccess && entries.length === 0 && <p>{t("annotate.history.none")}</p>}
        <ol>
          {entries.map((entry) => (
            <li key={entry.sequence}>
              <span className="second figures">{entry.sequence}</span>
              <span>{dateTime(entry.at)}</span>
              <span className="name">{entry.person.name}</span>
              <span>{did(entry)}</span>
              <Changes entry={entry} />
            </li>
          ))}
        </ol>
        {found.hasNextPage && (
          <Button isDisabled={found.isFetching} onPress={() => void found.fetchNextPage()}>
            {t("annotate.history.older")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
