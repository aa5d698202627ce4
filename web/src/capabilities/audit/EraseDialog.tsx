/** Erasing is for good, so it is asked twice: once for what, and once by writing the person's identifier. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { erasePerson } from "../../api/audit";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";

export function EraseDialog({ person, name, onClose }: { person: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [sure, setSure] = useState(false);
  const [written, setWritten] = useState("");
  const erase = useMutation({
    mutationFn: () => erasePerson(person),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["audit"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("audit.erase.title", { name })} isOpen onClose={onClose}>
      <div className="form erase">
        <p>{t("audit.erase.what")}</p>
        <p className="second">{t("audit.erase.stays")}</p>
        {sure && (
          <label className="stacked">
            <span>{t("audit.erase.write", { person })}</span>
            <input className="input" autoFocus value={written} onChange={(event) => { setWritten(event.target.value); }} />
          </label>
        )}
        {erase.error && <p role="alert">{problemText(erase.error)}</p>}
        <div className="actions">
          <Button onPress={onClose}>{t("action.cancel")}</Button>
          {sure ? (
            <Button needsServer look="primary" isPending={erase.isPending} isDisabled={written.trim() !== person} onPress={() => { erase.mutate(); }}>
              {t("audit.erase.forGood")}
            </Button>
          ) : (
            <Button look="primary" onPress={() => { setSure(true); }}>
              {t("audit.erase.goOn")}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
