import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { changeApp, registerApp } from "../../api/apps";
import type { AppKind, AppMade, AppShown, AppStated } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Select, TextField } from "../../ui/controls";

const KINDS = ["confidential", "public"] as const satisfies readonly AppKind[];
const SUGGESTED = "openid fhirUser launch launch/patient patient/*.rs";

const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean);

/** What an app may ask for, and where it is. */
export function AppForm({ known, onDone }: { known?: AppShown; onDone: (saved: AppShown | AppMade) => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [name, setName] = useState(known?.name ?? "");
  const [kind, setKind] = useState<AppKind>(known?.kind ?? "confidential");
  const [scopes, setScopes] = useState(known?.scopes.join(" ") ?? SUGGESTED);
  const [redirects, setRedirects] = useState(known?.redirects.join(" ") ?? "");
  const [launchAt, setLaunchAt] = useState(known?.launch_at ?? "");
  const [keys, setKeys] = useState(known?.keys ? JSON.stringify(known.keys) : "");
  const [account, setAccount] = useState(known?.account ?? "");
  const saving = useMutation<AppShown | AppMade>({
    mutationFn: () => {
      const stated: AppStated = { name, kind, scopes: wordsOf(scopes), redirects: wordsOf(redirects), launch_at: launchAt, keys: kind === "public" ? "" : keys, account };
      return known ? changeApp(known.id, stated) : registerApp(stated);
    },
    onSuccess: onDone,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField label={t("apps.name")} hint={t("apps.nameHint")} value={name} onChange={setName} required autoFocus autoComplete="off" />
      {!known && (
        <div className="text-field">
          <span className="label">{t("apps.kind")}</span>
          <Select label={t("apps.kind")} value={kind} options={KINDS.map((value) => ({ value, text: t(`apps.kind.${value}`) }))} onChange={setKind} />
        </div>
      )}
      <TextField label={t("apps.scopes.may")} hint={t("apps.scopes.hint")} value={scopes} onChange={setScopes} required spellCheck={false} autoComplete="off" />
      <TextField label={t("apps.redirects")} hint={t("apps.redirectsHint")} value={redirects} onChange={setRedirects} spellCheck={false} autoComplete="off" />
      <TextField label={t("apps.launchAt")} hint={t("apps.launchAtHint")} value={launchAt} onChange={setLaunchAt} spellCheck={false} autoComplete="off" />
      {kind === "confidential" && (known === undefined || known.keys !== null) && (
        <TextField label={t("apps.keys")} hint={t("apps.keysHint")} value={keys} onChange={setKeys} spellCheck={false} autoComplete="off" />
      )}
      <TextField label={t("apps.account")} hint={t("apps.accountHint")} value={account} onChange={setAccount} spellCheck={false} autoComplete="off" />
      {saving.error && <p role="alert" className="wrong">{problemText(saving.error)}</p>}
      <div className="actions">
        <Button look="primary" type="submit" isPending={saving.isPending}>
          {t("action.save")}
        </Button>
      </div>
    </form>
  );
}
