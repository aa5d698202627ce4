import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { issueToken, listTokens, revokeToken } from "../../api/access";
import type { PersonShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Check, Select, TextField } from "../../ui/controls";
import { useMe } from "./me";
import { OneTimeLink } from "./OneTimeLink";

const LASTS_DAYS = ["7", "30", "90", "365"] as const;
/** What programs of a laboratory do; which of it a service account may do, its roles say. */
const OF_SERVICES = ["slides.view", "slides.view_label", "slides.ingest", "slides.describe", "slides.export"];

/** Tokens of oneself, or of a service account. */
export function Tokens({ holder }: { holder?: PersonShown }) {
  const { t } = useTranslation();
  const { date, dateTime } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const id = holder?.id ?? null;
  const key = ["tokens", id];
  const [isMaking, setMaking] = useState(false);
  const tokens = useQuery({ queryKey: key, queryFn: ({ signal }) => listTokens(id, signal) });
  const revoke = useMutation({
    mutationFn: (token: string) => revokeToken(id, token),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });
  const error = tokens.error ?? revoke.error;
  return (
    <div className="form">
      {error && <p role="alert" className="wrong">{problemText(error)}</p>}
      {tokens.data && tokens.data.length > 0 && (
        <ul className="lines">
          {tokens.data.map((token) => (
            <li key={token.id}>
              <div>
                <strong>{token.name}</strong>
                <p className="second">
                  {[
                    token.scopes === null ? t("token.everything") : token.scopes.join(", "),
                    token.expires_at === null ? t("token.forever") : t("token.until", { date: date(token.expires_at) }),
                    token.used_at === null ? t("token.unused") : t("token.used", { time: dateTime(token.used_at) }),
                  ].join(" · ")}
                </p>
                {token.is_idle && <p className="wrong">{t("token.idle")}</p>}
              </div>
              <Button needsServer onPress={() => { revoke.mutate(token.id); }}>{t("token.revoke")}</Button>
            </li>
          ))}
        </ul>
      )}
      {isMaking ? (
        <NewToken
          holder={id}
          onClose={() => {
            setMaking(false);
          }}
        />
      ) : (
        <div className="actions">
          <Button icon="plus" onPress={() => { setMaking(true); }}>
            {t("token.make")}
          </Button>
        </div>
      )}
    </div>
  );
}

function NewToken({ holder, onClose }: { holder: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const mine = useMe().data?.permissions ?? [];
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState<(typeof LASTS_DAYS)[number]>("90");
  const make = useMutation({
    mutationFn: () => issueToken(holder, name, scopes, Number(days)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens", holder] }),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data) {
    return (
      <div className="form">
        <OneTimeLink link={make.data.secret} text={t("token.once", { name: make.data.name })} />
        <div className="actions">
          <Button onPress={onClose}>{t("action.close")}</Button>
        </div>
      </div>
    );
  }
  return (
    <form className="form" onSubmit={submit}>
      <TextField label={t("token.name")} hint={t("token.nameHint")} value={name} onChange={setName} required autoFocus autoComplete="off" />
      <fieldset>
        <legend className="label">{t("token.scopes")}</legend>
        <div className="checks">
          {(holder === null ? mine : OF_SERVICES).map((scope) => (
            <Check
              key={scope}
              label={scope}
              checked={scopes.includes(scope)}
              onChange={(checked) => {
                setScopes(checked ? [...scopes, scope] : scopes.filter((each) => each !== scope));
              }}
            />
          ))}
        </div>
      </fieldset>
      <div className="text-field">
        <span className="label">{t("token.lasts")}</span>
        <Select
          label={t("token.lasts")}
          value={days}
          options={LASTS_DAYS.map((value) => ({ value, text: t("token.days", { count: Number(value) }) }))}
          onChange={setDays}
        />
      </div>
      {make.error && <p role="alert" className="wrong">{problemText(make.error)}</p>}
      <div className="actions">
        <Button look="primary" type="submit" isPending={make.isPending} isDisabled={scopes.length === 0 || name.trim() === ""}>
          {t("token.make")}
        </Button>
        <Button look="quiet" onPress={onClose}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}
