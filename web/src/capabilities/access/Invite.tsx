import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { addPerson } from "../../api/access";
import type { PersonKind, Role } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Select, TextField } from "../../ui/controls";
import { OneTimeLink } from "./OneTimeLink";
import { RoleChecks } from "./RoleChecks";

interface InviteProps {
  at: string | undefined;
  onAdded: (id: string) => void;
}

/** Adds somebody, and shows the link to send to them. */
export function Invite({ at, onAdded }: InviteProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [kind, setKind] = useState<PersonKind>("person");
  const [displayName, setDisplayName] = useState("");
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<Role[]>([]);
  const adding = useMutation({
    mutationFn: () => addPerson({ name, display_name: displayName, roles, kind }, at),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["people"] });
      onAdded(id);
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  if (adding.data?.link) return <OneTimeLink link={adding.data.link} text={t("invite.send", { name: displayName })} />;
  if (adding.data) return <p className="dialog-text">{t("invite.service", { name: displayName })}</p>;
  return (
    <form className="form invite" onSubmit={submit}>
      <div className="text-field">
        <span className="label">{t("invite.kind")}</span>
        <Select<PersonKind>
          label={t("invite.kind")}
          value={kind}
          options={(["person", "service"] as const).map((value) => ({ value, text: t(`invite.kind.${value}`) }))}
          onChange={setKind}
        />
      </div>
      <TextField label={t("invite.displayName")} value={displayName} onChange={setDisplayName} required autoFocus autoComplete="off" />
      <TextField label={t("invite.name")} hint={t("invite.nameHint")} value={name} onChange={setName} required autoComplete="off" autoCapitalize="none" spellCheck={false} />
      <fieldset>
        <legend className="label">{t("people.column.roles")}</legend>
        <RoleChecks chosen={roles} onChange={setRoles} />
      </fieldset>
      {adding.error && (
        <p role="alert" className="wrong">
          {problemText(adding.error)}
        </p>
      )}
      <div className="actions">
        <Button look="primary" type="submit" isPending={adding.isPending} isDisabled={roles.length === 0 || !name.trim() || !displayName.trim()}>
          {t(kind === "person" ? "invite.submit" : "invite.submitService")}
        </Button>
      </div>
    </form>
  );
}
