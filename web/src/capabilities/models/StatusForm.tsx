/** What a version shall be used for from now on, with the reason. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setModelStatus } from "../../api/models";
import type { ModelDetail, ModelStatus } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { MODELS } from "./models_query";

const NEXT: Record<ModelStatus, readonly ModelStatus[]> = {
  research: ["shadow", "withdrawn"],
  shadow: ["clinical", "research", "withdrawn"],
  clinical: ["shadow", "withdrawn"],
  withdrawn: [],
};

export function StatusForm({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const mayManage = usePermission("models.manage");
  const mayRelease = usePermission("models.release");
  const [reason, setReason] = useState("");
  const change = useMutation({
    mutationFn: (status: ModelStatus) => setModelStatus(model.row.id, status, reason),
    onSuccess: () => { setReason(""); },
    onSettled: () => client.invalidateQueries({ queryKey: [MODELS] }),
  });
  const from = model.row.status;
  const isRelease = (to: ModelStatus) => to === "clinical" || to === "withdrawn" || from === "clinical";
  const offered = NEXT[from].filter((to) => (isRelease(to) ? mayRelease : mayManage));
  if (offered.length === 0) return null;
  return (
    <section aria-label={t("models.decide")}>
      <h3>{t("models.decide")}</h3>
      <div className="model-form">
        <TextField label={t("models.reason")} value={reason} onChange={setReason} maxLength={2000} />
        {offered.map((to) => (
          <Button key={to} needsServer isPending={change.isPending} isDisabled={reason.trim() === ""} onPress={() => { change.mutate(to); }}>
            {t(`models.to.${to}`)}
          </Button>
        ))}
      </div>
      {change.error && <p role="alert">{problemText(change.error)}</p>}
    </section>
  );
}
