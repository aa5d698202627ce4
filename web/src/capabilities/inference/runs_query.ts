import { queryOptions } from "@tanstack/react-query";
import { listEngines, listOffered, listRuns, listRunsOf } from "../../api/inference";
import type { ModelRun } from "../../api/types";

export const RUNS = "runs";
const LIVE_MS = 2000;
const IDLE_MS = 30_000;

export const isLive = (run: ModelRun) => run.state === "waiting" || run.state === "running";
const next = (runs: ModelRun[] | undefined) => (runs?.some(isLive) ? LIVE_MS : IDLE_MS);

export const runsQuery = queryOptions({
  queryKey: [RUNS, "all"],
  queryFn: ({ signal }) => listRuns(signal),
  refetchInterval: ({ state }) => next(state.data),
});
export const runsOfQuery = (imageId: string) =>
  queryOptions({
    queryKey: [RUNS, "of", imageId],
    queryFn: ({ signal }) => listRunsOf(imageId, signal),
    refetchInterval: ({ state }) => next(state.data),
  });
/** Asked for anew as the run goes on. */
export const enginesQuery = (run: ModelRun) =>
  queryOptions({
    queryKey: [RUNS, "engines", run.id, run.state],
    queryFn: ({ signal }) => listEngines(run.id, signal),
    refetchInterval: isLive(run) ? LIVE_MS : false,
  });
export const offeredQuery = (imageId: string) => queryOptions({ queryKey: [RUNS, "offered", imageId], queryFn: ({ signal }) => listOffered(imageId, signal) });
