/** Runs a version over all slides that a search of the library finds. */
import "./inference.css";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { startRuns } from "../../api/inference";
import { listImages, type Listing } from "../../api/slides";
import type { ModelRow } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Meter, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { RUNS } from "./runs_query";

/** Tasks of models that this node runs over slides. */
const RUNNABLE = new Set<ModelRow["task"]>(["tile-score", "tile-embedding", "region-segmentation", "cell-instances", "quality", "slide-head"]);
const PAGE = 100;
const MOST = 2000;

interface Progress {
  total: number;
  done: number;
  /** Why slides were left out, with how many for each reason. */
  left: ReadonlyMap<string, number>;
}

const slidesOf = (q: string): Listing => ({ q, status: "available", sort: "oldest" });

export function RunCohort({ row }: { row: ModelRow }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const problemText = useProblemText();
  const client = useQueryClient();
  const mayRun = usePermission("inference.run");
  const [q, setQ] = useState("");
  const wanted = useDeferredValue(q.trim());
  const [progress, setProgress] = useState<Progress | null>(null);
  const stopped = useRef(false);
  useEffect(() => () => { stopped.current = true; }, []);
  const isOffered = mayRun && RUNNABLE.has(row.task) && row.status !== "withdrawn" && !row.awaits_acceptance;
  const found = useQuery({
    queryKey: ["cohort", wanted],
    queryFn: ({ signal }) => listImages(slidesOf(wanted), 0, 1, signal),
    placeholderData: keepPreviousData,
    enabled: isOffered,
  });
  const run = useMutation({
    mutationFn: async (search: string) => {
      stopped.current = false;
      let now: Progress = { total: 0, done: 0, left: new Map() };
      for (let offset = 0; offset < MOST; offset += PAGE) {
        const page = await listImages(slidesOf(search), offset, PAGE);
        now = { ...now, total: Math.min(page.total, MOST) };
        for (const { id } of page.items) {
          if (stopped.current) return;
          const why = await startRuns(id, [row.id]).then(() => null, problemText);
          const left = why === null ? now.left : new Map(now.left).set(why, (now.left.get(why) ?? 0) + 1);
          now = { ...now, done: now.done + 1, left };
          setProgress(now);
        }
        if (page.items.length < PAGE) return;
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: [RUNS] }),
  });
  if (!isOffered) return null;
  const total = found.data?.total ?? 0;
  return (
    <section aria-label={t("runs.cohort")}>
      <h3>{t("runs.cohort")}</h3>
      <p className="second">{t(row.status === "shadow" ? "runs.cohort.shadow" : "runs.cohort.about")}</p>
      <form
        className="model-form"
        onSubmit={(event) => {
          event.preventDefault();
          setProgress(null);
          run.mutate(wanted);
        }}
      >
        <TextField label={t("runs.cohort.search")} value={q} onChange={setQ} maxLength={200} />
        <Button type="submit" needsServer isDisabled={run.isPending || total === 0 || total > MOST}>
          {t("runs.cohort.run", { count: total })}
        </Button>
        {run.isPending && <Button look="quiet" onPress={() => { stopped.current = true; }}>{t("runs.cohort.stop")}</Button>}
      </form>
      {total > MOST && <p className="warn">{t("runs.cohort.many", { most: number(MOST) })}</p>}
      {progress && (
        <div className="cohort-progress">
          <Meter label={t("runs.cohort")} done={progress.done} total={progress.total} />
          <span role="status" className="second">{t("runs.cohort.begun", { done: number(progress.done - [...progress.left.values()].reduce((sum, each) => sum + each, 0)), total: number(progress.total) })}</span>
          <ul>
            {[...progress.left].map(([why, count]) => <li key={why} className="wrong">{t("runs.cohort.left", { count: number(count), why })}</li>)}
          </ul>
          <Link to="/runs">{t("runs.title")}</Link>
        </div>
      )}
      {run.error && <p role="alert" className="wrong">{problemText(run.error)}</p>}
    </section>
  );
}
