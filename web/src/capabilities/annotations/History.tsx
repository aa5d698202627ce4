import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { readHistoryBefore, type HistoryEntry } from "../../api/annotations";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import type { MarkContent } from "../../viewer/annotate/mark";
import { useMarkWords } from "./words";

const PAGE = 50;
const NAMED = 3;

function Changes({ entry }: { entry: HistoryEntry }) {
  const { t } = useTranslation();
  const words = useMarkWords();
  const told = (mark: MarkContent) => [words.kind(mark.kind), mark.class, mark.name, mark.note, mark.locked && t("annotate.locked")].filter(Boolean).join(" · ");
  return (
    <ul>
      {entry.changes.slice(0, NAMED).map(({ id, before, after }) => (
        <li key={id}>
          <Step before={before && told(before)} after={after && told(after)} />
        </li>
      ))}
      {entry.changes.length > NAMED && <li className="second">{t("annotate.history.more", { count: entry.changes.length - NAMED })}</li>}
    </ul>
  );
}

/** One side only where something was added or removed, or where its words stayed the same. */
function Step({ before, after }: { before: string | null; after: string | null }) {
  if (after === null) return <del>{before}</del>;
  return before === null || before === after ? after : `${before} → ${after}`;
}

/** Who did what when, newest first. */
export function History({ id, isOpen, onClose }: { id: string; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const problemText = useProblemText();
  const found = useInfiniteQuery({
    queryKey: ["annotations", id, "history"],
    queryFn: ({ pageParam, signal }) => readHistoryBefore(id, pageParam, PAGE, signal),
    initialPageParam: null as number | null,
    getNextPageParam: ({ offset }) => (offset > 0 ? offset : undefined),
    enabled: isOpen,
    gcTime: 0,
  });
  const entries = found.data?.pages.flatMap((page) => page.items.toReversed()) ?? [];
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
