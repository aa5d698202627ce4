import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { setPassword } from "../../api/access";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { hasPasskeys, isDeclined, makePasskey } from "./passkey";

export const MIN_PASSWORD = 12;

interface NewPasswordProps {
  /** Whether the current one has to be shown. */
  needsCurrent: boolean;
  name: string;
  onDone: () => void;
}

export function NewPassword({ needsCurrent, name, onDone }: NewPasswordProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [current, setCurrent] = useState("");
  const [password, setText] = useState("");
  const [isShown, setShown] = useState(false);
  const change = useMutation({
    mutationFn: () => setPassword(password, needsCurrent ? current : null),
    onSuccess: () => {
      setCurrent("");
      setText("");
      onDone();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      {/* Password managers file the new password under this name. */}
      <input type="text" autoComplete="username" value={name} readOnly hidden />
      {needsCurrent && (
        <TextField label={t("password.current")} type="password" value={current} onChange={setCurrent} autoComplete="current-password" required />
      )}
      <TextField
        label={t("password.new")}
        hint={t("password.hint", { count: MIN_PASSWORD })}
        type={isShown ? "text" : "password"}
        value={password}
        onChange={setText}
        autoComplete="new-password"
        minLength={MIN_PASSWORD}
        spellCheck={false}
        required
      />
      {change.error && (
        <p role="alert" className="wrong">
          {problemText(change.error)}
        </p>
      )}
      <div className="actions">
        <Button look="primary" type="submit" isPending={change.isPending} isDisabled={password.length < MIN_PASSWORD}>
          {t("password.save")}
        </Button>
        <Button
          look="quiet"
          onPress={() => {
            setShown(!isShown);
          }}
        >
          {t(isShown ? "password.hide" : "password.show")}
        </Button>
      </div>
    </form>
  );
}

export function NewPasskey({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const make = useMutation({ mutationFn: () => makePasskey(""), onSuccess: onDone });
  if (!hasPasskeys()) return <p className="hint">{t("passkey.needsName")}</p>;
  return (
    <div className="form">
      <div className="actions">
        <Button needsServer icon="key" isPending={make.isPending} onPress={() => { make.mutate(); }}>
          {t("passkey.make")}
        </Button>
      </div>
      {make.error && !isDeclined(make.error) && (
        <p role="alert" className="wrong">
          {problemText(make.error)}
        </p>
      )}
    </div>
  );
}
