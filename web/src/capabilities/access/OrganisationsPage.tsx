import "./access.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addOrganisation, changeOrganisation, listOrganisations } from "../../api/access";
import type { Organisation } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog } from "../../ui/controls";
import { OrganisationForm } from "./OrganisationForm";
import { Providers } from "./Providers";

/** The organisations of the node, for who administers it. */
export function OrganisationsPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const organisations = useQuery({ queryKey: ["organisations"], queryFn: ({ signal }) => listOrganisations(signal) });
  const [edited, setEdited] = useState<Organisation | "new" | null>(null);
  const client = useQueryClient();
  const close = () => {
    setEdited(null);
  };
  return (
    <div className="page">
      <title>{`${t("user.organisations")} · ${t("app.name")}`}</title>
      <div className="page-column wide">
        <div className="page-head">
          <h1>{t("user.organisations")}</h1>
          <Button look="primary" icon="plus" onPress={() => { setEdited("new"); }}>
            {t("organisation.add")}
          </Button>
        </div>
        {organisations.error && <p role="alert" className="wrong">{problemText(organisations.error)}</p>}
        <ul className="lines card-section">
          {organisations.data?.map((each) => (
            <li key={each.id}>
              <OrganisationText organisation={each} />
              <Link to="/people" search={{ at: each.id }} className="button">
                {t("user.people")}
              </Link>
              <Button onPress={() => { setEdited(each); }}>{t("action.change")}</Button>
            </li>
          ))}
        </ul>
        <Providers organisations={organisations.data ?? []} />
      </div>
      <Dialog title={edited === "new" ? t("organisation.add") : t("organisation.change")} isOpen={edited !== null} onClose={close}>
        <div className="dialog-form">
          <OrganisationForm
            {...(edited === null || edited === "new" ? {} : { known: edited })}
            save={(stated) => (edited === null || edited === "new" ? addOrganisation(stated) : changeOrganisation(edited.id, stated))}
            onDone={() => {
              void client.invalidateQueries();
              close();
            }}
          />
        </div>
      </Dialog>
    </div>
  );
}

function OrganisationText({ organisation }: { organisation: Organisation }) {
  const { t } = useTranslation();
  const { date } = useFormats();
  const until = organisation.accredited_until;
  const said = [
    t(`organisation.kind.${organisation.kind}`),
    organisation.jurisdiction || t("organisation.noJurisdiction"),
    organisation.accreditation,
    until && t("organisation.until", { date: date(until) }),
    organisation.requires_second_factor && t("people.twoFactors"),
  ];
  return (
    <div>
      <strong>{organisation.name}</strong>
      <p className="second">{said.filter(Boolean).join(" · ")}</p>
    </div>
  );
}
