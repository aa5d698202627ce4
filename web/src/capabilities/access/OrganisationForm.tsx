import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Organisation, OrganisationKind, OrganisationStated } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Check, Select, TextField } from "../../ui/controls";

const KINDS: readonly OrganisationKind[] = ["hospital", "health_centre", "laboratory", "university", "sponsor", "authority"];

interface OrganisationFormProps {
  known?: Organisation;
  /** Only what a first set-up needs. */
  isBrief?: boolean;
  save: (stated: OrganisationStated) => Promise<Organisation>;
  onDone: (saved: Organisation) => void;
  /** Beside the button that saves. */
  beside?: ReactNode;
}

export function OrganisationForm({ known, isBrief = false, save, onDone, beside }: OrganisationFormProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [stated, setStated] = useState<OrganisationStated>(
    known ?? { name: "", kind: "hospital", jurisdiction: "", accreditation: "", accredited_until: null, requires_second_factor: false },
  );
  const saving = useMutation({ mutationFn: () => save(stated), onSuccess: onDone });
  const state = (patch: Partial<OrganisationStated>) => {
    setStated({ ...stated, ...patch });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField label={t("organisation.name")} value={stated.name} onChange={(name) => { state({ name }); }} required autoFocus />
      <div className="text-field">
        <span className="label">{t("organisation.kind")}</span>
        <Select<OrganisationKind>
          label={t("organisation.kind")}
          value={stated.kind}
          options={KINDS.map((value) => ({ value, text: t(`organisation.kind.${value}`) }))}
          onChange={(kind) => { state({ kind }); }}
        />
      </div>
      <TextField
        label={t("organisation.jurisdiction")}
        hint={t("organisation.jurisdictionHint")}
        value={stated.jurisdiction}
        onChange={(text) => { state({ jurisdiction: text.toUpperCase() }); }}
        maxLength={6}
        pattern="[A-Z]{2}(-[A-Z0-9]{1,3})?"
        spellCheck={false}
      />
      {!isBrief && (
        <>
          <TextField
            label={t("organisation.accreditation")}
            hint={t("organisation.accreditationHint")}
            value={stated.accreditation}
            onChange={(accreditation) => { state({ accreditation }); }}
          />
          <TextField
            label={t("organisation.accreditedUntil")}
            type="date"
            value={stated.accredited_until ?? ""}
            onChange={(day) => { state({ accredited_until: day || null }); }}
          />
          <Check
            label={t("organisation.secondFactor")}
            checked={stated.requires_second_factor}
            onChange={(requires_second_factor) => { state({ requires_second_factor }); }}
          />
        </>
      )}
      {saving.error && (
        <p role="alert" className="wrong">
          {problemText(saving.error)}
        </p>
      )}
      <div className="actions">
        <Button look="primary" type="submit" isPending={saving.isPending} isDisabled={stated.name.trim() === ""}>
          {t("action.save")}
        </Button>
        {beside}
      </div>
    </form>
  );
}
