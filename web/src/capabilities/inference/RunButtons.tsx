/** Stopping a run, or doing it once more. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { cancelRun, retryRun } from "../../api/inference";
import type { ModelRun } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { isLive, RUNS } from "./runs_query";

export function RunButtons({ run }: { run: ModelRun }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const change = useMutation({
    mutationFn: () => (isLive(run) ? cancelRun(run.id) : retryRun(run.id)),
    onSettled: () => client.invalidateQueries({ queryKey: [RUNS] }),
  });
  return (
    <>
      <Button look="quiet" needsServer isPending={change.isPending} onPress={() => { change.mutate(); }}>
        {t(isLive(run) ? "runs.cancel" : "runs.again")}
      </Button>
      {change.error && <span role="alert" className="wrong">{problemText(change.error)}</span>}
    </>
  );
}
