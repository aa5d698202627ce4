/** The apps of others that an organisation registered. */
import "../access/access.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listApps, removeApp, renewAppSecret } from "../../api/apps";
import type { AppShown } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import { usePermission } from "../access/me";
import { OneTimeLink } from "../access/OneTimeLink";
import { AppForm } from "./AppForm";

interface Told {
  name: string;
  id: string;
  secret: string | null;
}

export function AppsPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const mayManage = usePermission("apps.manage");
  const apps = useQuery({ queryKey: ["apps"], queryFn: ({ signal }) => listApps(signal), enabled: mayManage });
  const [edited, setEdited] = useState<AppShown | "new" | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  const reload = () => client.invalidateQueries({ queryKey: ["apps"] });
  if (!mayManage) return <p className="blank">{t("apps.notYours")}</p>;
  return (
    <div className="page">
      <title>{`${t("user.apps")} · ${t("app.name")}`}</title>
      <div className="page-column wide">
        <div className="page-head">
          <h1>{t("user.apps")}</h1>
          <Button look="primary" icon="plus" onPress={() => { setEdited("new"); }}>
            {t("apps.register")}
          </Button>
        </div>
        <p className="second">{t("apps.how", { address: `${window.location.origin}/fhir/R4` })}</p>
        {apps.error && <p role="alert" className="wrong">{problemText(apps.error)}</p>}
        {apps.data?.length === 0 && <p>{t("apps.none")}</p>}
        {apps.data && apps.data.length > 0 && (
          <ul className="lines card-section">
            {apps.data.map((each) => (
              <AppLine key={each.id} app={each} onEdit={() => { setEdited(each); }} onChanged={reload} onTold={setTold} />
            ))}
          </ul>
        )}
      </div>
      <Dialog title={t(edited === "new" ? "apps.register" : "apps.change")} isOpen={edited !== null} onClose={() => { setEdited(null); }}>
        <div className="dialog-form wide">
          <AppForm
            {...(edited === null || edited === "new" ? {} : { known: edited })}
            onDone={(made) => {
              void reload();
              setEdited(null);
              if ("secret" in made) setTold(made);
            }}
          />
        </div>
      </Dialog>
      <Dialog title={told?.name ?? ""} isOpen={told !== null} onClose={() => { setTold(null); }}>
        {told && (
          <div className="dialog-form">
            <p>{t("apps.clientId")}</p>
            <p className="mono secret">{told.id}</p>
            {told.secret !== null && <OneTimeLink link={told.secret} text={t("apps.secretOnce")} />}
          </div>
        )}
      </Dialog>
    </div>
  );
}

interface AppLineProps {
  app: AppShown;
  onEdit: () => void;
  onChanged: () => Promise<unknown>;
  onTold: (told: Told) => void;
}

function AppLine({ app, onEdit, onChanged, onTold }: AppLineProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const remove = useMutation({ mutationFn: () => removeApp(app.id), onSuccess: onChanged });
  const renew = useMutation({
    mutationFn: () => renewAppSecret(app.id),
    onSuccess: ({ secret }) => {
      onTold({ name: app.name, id: app.id, secret });
    },
  });
  const [isSure, setSure] = useState(false);
  const error = remove.error ?? renew.error;
  return (
    <li>
      <div>
        <strong>{app.name}</strong>
        <p className="second">{[t(`apps.kind.${app.kind}`), app.keys ? t("apps.byKey") : app.has_secret && t("apps.bySecret"), app.account].filter(Boolean).join(" · ")}</p>
        <p className="second mono">{app.id}</p>
        <p className="second mono">{app.scopes.join(" ")}</p>
        {isSure && <p role="status">{t("apps.removeHow")}</p>}
        {error && <p role="alert" className="wrong">{problemText(error)}</p>}
      </div>
      <Button onPress={onEdit}>{t("action.change")}</Button>
      {app.has_secret && (
        <Button needsServer isPending={renew.isPending} onPress={() => { renew.mutate(); }}>
          {t("apps.newSecret")}
        </Button>
      )}
      <Button needsServer isPending={remove.isPending} onPress={() => { if (isSure) remove.mutate(); else setSure(true); }}>
        {t(isSure ? "apps.removeNow" : "action.remove")}
      </Button>
    </li>
  );
}
