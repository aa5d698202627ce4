/** Until when a case should be done; whoever triages it may state another time. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { triageCase } from "../../api/cases";
import type { CaseDetail } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { Wrong } from "../../shell/Wrong";
import { Button, TextField } from "../../ui/controls";
import { localMinute } from "./words";
import { useChangedCase } from "./use_cases";

export function Due({ shown, mayChange }: { shown: CaseDetail; mayChange: boolean }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const changed = useChangedCase();
  const [wanted, setWanted] = useState<string | null>(null);
  const stating = useMutation({
    mutationFn: (minute: string) => triageCase(shown.id, { due_at: new Date(minute).toISOString() }),
    onSuccess: (now) => {
      setWanted(null);
      return changed(now);
    },
  });
  if (wanted === null)
    return (
      <>
        <span className="second">{t("cases.due", { time: dateTime(shown.due_at) })}</span>
        {mayChange && (
          <Button look="quiet" onPress={() => { setWanted(localMinute(new Date(shown.due_at))); }}>
            {t("cases.due.change")}
          </Button>
        )}
      </>
    );
  return (
    <form
      className="move"
      aria-label={t("cases.due.change")}
      onSubmit={(event) => {
        event.preventDefault();
        stating.mutate(wanted);
      }}
    >
      <TextField hidden label={t("cases.due.new")} type="datetime-local" value={wanted} onChange={setWanted} required autoFocus />
      <Button type="submit" look="primary" isPending={stating.isPending}>
        {t("action.save")}
      </Button>
      <Button look="quiet" onPress={() => { setWanted(null); stating.reset(); }}>
        {t("action.cancel")}
      </Button>
      <Wrong error={stating.error} />
    </form>
  );
}
