import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/controls";

/** A link or secret that is shown this once, to be copied. */
export function OneTimeLink({ link, text }: { link: string; text: string }) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  // Browsers have it on https and on this machine only. The field is marked whole either way.
  const clipboard = (navigator as Partial<Navigator>).clipboard;
  return (
    <div className="form one-time">
      <p>{text}</p>
      <input
        className="input mono"
        aria-label={text}
        value={link}
        readOnly
        autoFocus
        onFocus={(event) => {
          event.target.select();
        }}
      />
      <div className="actions">
        {clipboard && (
          <Button
            look="primary"
            onPress={() => {
              void clipboard.writeText(link).then(() => { setCopied(true); }, () => { setCopied(false); });
            }}
          >
            {t("action.copy")}
          </Button>
        )}
        <span role="status" className="second">
          {isCopied && t("action.copied")}
        </span>
      </div>
    </div>
  );
}
