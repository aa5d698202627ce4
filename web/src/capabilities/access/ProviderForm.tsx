import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { addProvider, changeProvider } from "../../api/access";
import type { Organisation, Provider, ProviderAsked, Role } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Check, IconButton, Select, TextField } from "../../ui/controls";
import { ROLES } from "./RoleChecks";

interface ProviderFormProps {
  known?: Provider;
  organisations: Organisation[];
  onDone: (saved: Provider) => void;
}

/** The settings of an institution's identity provider, and which of its groups have which roles here. */
export function ProviderForm({ known, organisations, onDone }: ProviderFormProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [stated, setStated] = useState<ProviderAsked>({
    name: known?.name ?? "",
    issuer: known?.issuer ?? "",
    client_id: known?.client_id ?? "",
    scopes: known?.scopes ?? "openid profile email",
    groups_claim: known?.groups_claim ?? "groups",
    is_strong: known?.is_strong ?? false,
    is_enabled: known?.is_enabled ?? true,
    rules: known?.rules ?? [],
  });
  const [secret, setSecret] = useState("");
  const state = (patch: Partial<ProviderAsked>) => {
    setStated({ ...stated, ...patch });
  };
  const saving = useMutation({
    mutationFn: () => {
      const asked = { ...stated, client_secret: secret || null };
      return known ? changeProvider(known.id, asked) : addProvider(asked);
    },
    onSuccess: onDone,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField label={t("organisation.name")} hint={t("institution.nameHint")} value={stated.name} onChange={(name) => { state({ name }); }} required autoFocus />
      <TextField
        label={t("institution.issuer")}
        hint={t("institution.issuerHint")}
        type="url"
        value={stated.issuer}
        onChange={(issuer) => { state({ issuer }); }}
        required
        spellCheck={false}
      />
      <TextField label={t("institution.client")} value={stated.client_id} onChange={(client_id) => { state({ client_id }); }} required autoComplete="off" spellCheck={false} />
      <TextField
        label={t("institution.secret")}
        hint={t(known?.has_client_secret ? "institution.secretKept" : "institution.secretHint")}
        type="password"
        value={secret}
        onChange={setSecret}
        autoComplete="off"
      />
      <TextField label={t("institution.groups")} hint={t("institution.groupsHint")} value={stated.groups_claim} onChange={(groups_claim) => { state({ groups_claim }); }} required spellCheck={false} />
      <Rules rules={stated.rules} organisations={organisations} onChange={(rules) => { state({ rules }); }} />
      <Check label={t("institution.strong")} checked={stated.is_strong} onChange={(is_strong) => { state({ is_strong }); }} />
      <Check label={t("institution.enabled")} checked={stated.is_enabled} onChange={(is_enabled) => { state({ is_enabled }); }} />
      <p className="hint">
        {t("institution.callback")}
        <br />
        <span className="mono secret">{`${window.location.origin}/api/access/institutions/callback`}</span>
      </p>
      {saving.error && <p role="alert" className="wrong">{problemText(saving.error)}</p>}
      <div className="actions">
        <Button look="primary" type="submit" isPending={saving.isPending}>
          {t("action.save")}
        </Button>
      </div>
    </form>
  );
}

interface RulesProps {
  rules: ProviderAsked["rules"];
  organisations: Organisation[];
  onChange: (rules: ProviderAsked["rules"]) => void;
}

function Rules({ rules, organisations, onChange }: RulesProps) {
  const { t } = useTranslation();
  const change = (index: number, patch: Partial<ProviderAsked["rules"][number]>) => {
    onChange(rules.map((rule, at) => (at === index ? { ...rule, ...patch } : rule)));
  };
  const first = organisations[0];
  return (
    <fieldset>
      <legend className="label">{t("institution.rules")}</legend>
      <div className="rules">
        {rules.map((rule, index) => (
          <div key={index} className="rule">
            <input
              className="input"
              aria-label={t("institution.group")}
              placeholder={t("institution.group")}
              value={rule.group}
              required
              onChange={(event) => { change(index, { group: event.target.value }); }}
            />
            <Select
              label={t("people.where")}
              value={rule.organisation_id}
              options={organisations.map((each) => ({ value: each.id, text: each.name }))}
              onChange={(organisation_id) => { change(index, { organisation_id }); }}
            />
            <Select<Role>
              label={t("people.column.roles")}
              value={rule.role}
              options={ROLES.map((value) => ({ value, text: t(`role.${value}`) }))}
              onChange={(role) => { change(index, { role }); }}
            />
            <IconButton icon="close" label={t("institution.removeRule", { group: rule.group })} onPress={() => { onChange(rules.filter((_, at) => at !== index)); }} />
          </div>
        ))}
        {first && (
          <div className="actions">
            <Button icon="plus" onPress={() => { onChange([...rules, { group: "", organisation_id: first.id, role: "pathologist" }]); }}>
              {t("institution.addRule")}
            </Button>
          </div>
        )}
      </div>
    </fieldset>
  );
}
