import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { breakGlass } from "../../../api/slides";
import { useProblemText } from "../../../shell/problem";
import { Button } from "../../../ui/controls";
import { Icon } from "../../../ui/icons";
import { usePurpose } from "./purpose";

const SHORTEST_REASON = 10;

/** Shown in place of a slide that is kept from the reader, who may open it in an emergency. */
export function GlassNeeded({ id, onBroken }: { id: string; onBroken: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const setPurpose = usePurpose((state) => state.setPurpose);
  const [reason, setReason] = useState("");
  const breaking = useMutation({
    mutationFn: () => breakGlass(id, reason.trim()),
    onSuccess: () => {
      setPurpose("care");
      onBroken();
    },
  });
  const isTooShort = reason.trim().length < SHORTEST_REASON;
  return (
    <form
      className="slide-message glass-needed"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isTooShort) breaking.mutate();
      }}
    >
      <h2>
        <Icon name="warning" />
        {t("glass.title")}
      </h2>
      <p>{t("glass.what")}</p>
      <label>
        {t("glass.reason")}
        <textarea
          className="input"
          rows={3}
          maxLength={1000}
          autoFocus
          value={reason}
          onChange={(event) => { setReason(event.target.value); }}
        />
      </label>
      <p className="second">{t("glass.consequence")}</p>
      {breaking.error && <p role="alert">{problemText(breaking.error)}</p>}
      <Button type="submit" look="primary" isPending={breaking.isPending} isDisabled={isTooShort}>
        {t("glass.break")}
      </Button>
    </form>
  );
}
