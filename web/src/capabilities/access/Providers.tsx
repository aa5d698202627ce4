import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listProviders, removeProvider, testProvider } from "../../api/access";
import type { Organisation, Provider } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import { ProviderForm } from "./ProviderForm";

/** Identity providers of institutions, each with a test that says what is wrong. */
export function Providers({ organisations }: { organisations: Organisation[] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [edited, setEdited] = useState<Provider | "new" | null>(null);
  const providers = useQuery({ queryKey: ["providers"], queryFn: ({ signal }) => listProviders(signal) });
  const reload = () => Promise.all(["providers", "institutions"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  const close = () => {
    setEdited(null);
  };
  return (
    <>
      <div className="page-head">
        <h2>{t("institution.title")}</h2>
        <Button icon="plus" onPress={() => { setEdited("new"); }}>
          {t("institution.add")}
        </Button>
      </div>
      <p className="second">{t("institution.how")}</p>
      {providers.error && <p role="alert" className="wrong">{problemText(providers.error)}</p>}
      {providers.data && providers.data.length > 0 && (
        <ul className="lines card-section">
          {providers.data.map((each) => (
            <ProviderLine key={each.id} provider={each} onEdit={() => { setEdited(each); }} onChanged={reload} />
          ))}
        </ul>
      )}
      <Dialog title={t(edited === "new" ? "institution.add" : "institution.change")} isOpen={edited !== null} onClose={close}>
        <div className="dialog-form wide">
          <ProviderForm
            {...(edited === null || edited === "new" ? {} : { known: edited })}
            organisations={organisations}
            onDone={() => {
              void reload();
              close();
            }}
          />
        </div>
      </Dialog>
    </>
  );
}

function ProviderLine({ provider, onEdit, onChanged }: { provider: Provider; onEdit: () => void; onChanged: () => Promise<unknown> }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const test = useMutation({ mutationFn: () => testProvider(provider.id) });
  const remove = useMutation({ mutationFn: () => removeProvider(provider.id), onSuccess: onChanged });
  const said = [provider.issuer, t("institution.ruleCount", { count: provider.rules.length }), !provider.is_enabled && t("institution.off")];
  return (
    <li>
      <div>
        <strong>{provider.name}</strong>
        <p className="second">{said.filter(Boolean).join(" · ")}</p>
        <p role="status" className={test.error ? "wrong" : "good"}>
          {test.error ? problemText(test.error) : test.isSuccess && t("institution.works")}
        </p>
        {remove.error && <p role="alert" className="wrong">{problemText(remove.error)}</p>}
      </div>
      <Button needsServer isPending={test.isPending} onPress={() => { test.mutate(); }}>
        {t("institution.test")}
      </Button>
      <Button onPress={onEdit}>{t("action.change")}</Button>
      <Button needsServer isPending={remove.isPending} onPress={() => { remove.mutate(); }}>
        {t("action.remove")}
      </Button>
    </li>
  );
}
