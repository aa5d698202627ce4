import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";

interface CorrectionProps {
  text: string;
  busy: boolean;
  error: unknown;
  onSend: (text: string) => void;
  onClose: () => void;
}

/** The message as text, to be put right and done. What came stays as it was beside the correction. */
export function CorrectionDialog({ text, busy, error, onSend, onClose }: CorrectionProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [written, setWritten] = useState(text);
  return (
    <Dialog title={t("messages.correct.title")} isOpen onClose={onClose}>
      <form
        className="correction"
        onSubmit={(event) => {
          event.preventDefault();
          onSend(written);
        }}
      >
        <p className="second">{t("messages.correct.what")}</p>
        <textarea
          className="input"
          aria-label={t("messages.text")}
          autoFocus
          spellCheck={false}
          rows={14}
          value={written}
          onChange={(event) => { setWritten(event.target.value); }}
        />
        {error !== null && error !== undefined && <p role="alert">{problemText(error)}</p>}
        <div className="actions">
          <Button onPress={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" look="primary" isDisabled={busy || written === text}>
            {t("messages.correct.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
