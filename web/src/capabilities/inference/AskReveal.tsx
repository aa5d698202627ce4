/** The button that shows what a run says of a slide, after the server has kept that it was shown. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { tellReveal } from "../../api/reading";
import type { ModelRun } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { useRunName } from "./RunState";

export function AskReveal({ run, onKept }: { run: ModelRun; onKept: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const nameOf = useRunName();
  const tell = useMutation({
    mutationFn: () => tellReveal(run.image_id, { subject: `measures/${run.id}`, name: nameOf(run), ago_s: 0 }),
    onSuccess: onKept,
  });
  return (
    <>
      <Button look="quiet" needsServer isPending={tell.isPending} onPress={() => { tell.mutate(); }}>{t("runs.reveal")}</Button>
      {tell.error && <span role="alert" className="wrong">{problemText(tell.error)}</span>}
    </>
  );
}
