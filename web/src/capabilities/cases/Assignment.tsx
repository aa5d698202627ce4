/** Who reads a case: take it, give it, hand it over with a reason. */
import "./cases.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { assignCase, listReaders } from "../../api/cases";
import type { CaseDetail } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Select, TextField } from "../../ui/controls";
import { useMe, usePermission } from "../access/me";
import { useChangedCase } from "./use_cases";

const NOBODY = "-";

interface AssignmentProps {
  shown: CaseDetail;
  heading: "h2" | "h3";
}

export function Assignment({ shown, heading: Heading }: AssignmentProps) {
  const { t } = useTranslation();
  const changed = useChangedCase();
  const problemText = useProblemText();
  const me = useMe().data?.person_id;
  const mayAssign = usePermission("cases.assign");
  const mayReport = usePermission("cases.report");
  const [wanted, setWanted] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const readers = useQuery({ queryKey: ["case-readers"], queryFn: ({ signal }) => listReaders(signal), enabled: mayAssign, staleTime: 60_000 });
  const giving = useMutation({
    mutationFn: (person: string | null) => assignCase(shown.id, person, reason),
    onSuccess: (now) => {
      setWanted(null);
      setReason("");
      return changed(now);
    },
  });
  if (shown.status === "final" || shown.status === "ended") return null;
  const present = shown.assignee_id ?? NOBODY;
  const chosen = wanted ?? present;
  const mayTake = mayReport && me !== undefined && shown.assignee_id !== me && readers.data?.some((one) => one.id === me) !== false;
  return (
    <section className="block assignment">
      <Heading>{t("cases.assignee")}</Heading>
      {mayAssign ? (
        <Select<string>
          label={t("cases.assignee")}
          value={chosen}
          options={[{ value: NOBODY, text: t("cases.nobody") }, ...(readers.data ?? []).map(({ id, name }) => ({ value: id, text: name }))]}
          onChange={setWanted}
        />
      ) : (
        <p>{shown.assignee_name ?? t("cases.nobody")}</p>
      )}
      {shown.assignee_id !== null && chosen !== present && <TextField label={t("cases.handOver.reason")} value={reason} onChange={setReason} maxLength={500} />}
      <div className="actions">
        {chosen !== present && (
          <Button look="primary" isPending={giving.isPending} isDisabled={shown.assignee_id !== null && reason.trim() === ""} onPress={() => { giving.mutate(chosen === NOBODY ? null : chosen); }}>
            {t("action.save")}
          </Button>
        )}
        {mayTake && shown.assignee_id === null && chosen === present && (
          <Button isPending={giving.isPending} onPress={() => { giving.mutate(me); }}>
            {t("cases.take")}
          </Button>
        )}
      </div>
      {giving.error && (
        <p role="alert" className="wrong">
          {problemText(giving.error)}
        </p>
      )}
    </section>
  );
}
