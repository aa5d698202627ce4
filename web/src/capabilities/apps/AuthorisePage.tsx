/** An app of somebody else asks to read here for the person who is signed in: which app, what, of whom, yes or no. */
import "../access/access.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { allowApp, refuseApp, showAppRequest } from "../../api/apps";
import { findPatients } from "../../api/patients";
import type { AppRequest, PatientKnown } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Check, TextField } from "../../ui/controls";
import { useMe } from "../access/me";
import { useScopeText } from "./words";

export function AuthorisePage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { request, refused } = useSearch({ from: "/authorise" });
  const asked = useQuery({
    queryKey: ["app-request", request],
    queryFn: () => showAppRequest(request ?? ""),
    enabled: request !== undefined,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const isLost = request === undefined && refused === undefined;
  const wrong = refused === "unknown-redirect" ? t("apps.refused.redirect") : refused !== undefined ? t("apps.refused.app") : asked.error && problemText(asked.error);
  return (
    <div className="door">
      <title>{`${t("apps.asks")} · ${t("app.name")}`}</title>
      <section className="door-card wide">
        {asked.data && request !== undefined ? (
          <Consent asked={asked.data} request={request} />
        ) : (
          <>
            <h1>{t("apps.asks")}</h1>
            {wrong && <p role="alert" className="wrong">{wrong}</p>}
            {isLost && <p>{t("apps.lost")}</p>}
            {(wrong || isLost) && (
              <Link to="/" className="button">
                {t("app.library")}
              </Link>
            )}
          </>
        )}
      </section>
    </div>
  );
}

function Consent({ asked, request }: { asked: AppRequest; request: string }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const scopeText = useScopeText();
  const me = useMe().data;
  const [scopes, setScopes] = useState(asked.scopes.map((one) => one.scope));
  const [patient, setPatient] = useState<PatientKnown | null>(null);
  const leave = ({ continue_at }: { continue_at: string }) => {
    window.location.assign(continue_at);
  };
  const allowing = useMutation({ mutationFn: () => allowApp(request, scopes, patient?.id ?? ""), onSuccess: leave });
  const refusing = useMutation({ mutationFn: () => refuseApp(request), onSuccess: leave });
  const isOfPatient = asked.scopes.some((one) => scopes.includes(one.scope) && (one.level === "patient" || one.scope === "launch/patient"));
  const isMissing = asked.needs_patient && isOfPatient && patient === null;
  const isBusy = allowing.isPending || refusing.isPending || allowing.isSuccess || refusing.isSuccess;
  const error = allowing.error ?? refusing.error;
  return (
    <>
      <h1>{t("apps.asksNamed", { name: asked.app })}</h1>
      <p>{t("apps.asksHow", { person: me?.display_name ?? "", organisation: me?.organisation_name ?? "", host: asked.goes_to })}</p>
      <fieldset>
        <legend className="label">{t("apps.scopes")}</legend>
        <div className="checks">
          {asked.scopes.map((one) => (
            <Check
              key={one.scope}
              label={scopeText(one)}
              checked={scopes.includes(one.scope)}
              onChange={(checked) => {
                setScopes(checked ? [...scopes, one.scope] : scopes.filter((each) => each !== one.scope));
              }}
            />
          ))}
        </div>
      </fieldset>
      {asked.patient && (
        <p>
          <span className="label">{t("apps.patient")}</span>
          <br />
          <strong>{[asked.patient.name, asked.patient.birth_date].filter(Boolean).join(" · ")}</strong>
        </p>
      )}
      {asked.needs_patient && isOfPatient && <PatientChoice chosen={patient} onChoose={setPatient} />}
      <p className="second">{t("apps.never")}</p>
      {error && <p role="alert" className="wrong">{problemText(error)}</p>}
      <div className="actions">
        <Button look="primary" needsServer isDisabled={isBusy || scopes.length === 0 || isMissing} onPress={() => { allowing.mutate(); }}>
          {t("apps.allow")}
        </Button>
        <Button needsServer isDisabled={isBusy} onPress={() => { refusing.mutate(); }}>
          {t("apps.refuse")}
        </Button>
      </div>
    </>
  );
}

interface PatientChoiceProps {
  chosen: PatientKnown | null;
  onChoose: (patient: PatientKnown | null) => void;
}

/** Which patient the app is to see, by one of their numbers. */
function PatientChoice({ chosen, onChoose }: PatientChoiceProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [number, setNumber] = useState("");
  const finding = useMutation({ mutationFn: () => findPatients(number), onMutate: () => { onChoose(null); } });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        finding.mutate();
      }}
    >
      <TextField label={t("apps.patientNumber")} hint={t("apps.patientHint")} value={number} onChange={setNumber} autoComplete="off" spellCheck={false} />
      <div className="actions">
        <Button type="submit" isPending={finding.isPending} isDisabled={number.trim() === ""}>
          {t("apps.findPatient")}
        </Button>
      </div>
      {finding.error && <p role="alert" className="wrong">{problemText(finding.error)}</p>}
      {finding.data?.length === 0 && <p role="status">{t("apps.noPatient")}</p>}
      {finding.data && finding.data.length > 0 && (
        <fieldset>
          <legend className="label">{t("apps.patient")}</legend>
          {finding.data.map((one) => (
            <label key={one.id} className="check">
              <input type="radio" name="patient" checked={chosen?.id === one.id} onChange={() => { onChoose(one); }} />
              <span>{[one.patient?.name ?? t("cases.patient.erased"), one.patient?.birth_date].filter(Boolean).join(" · ")}</span>
            </label>
          ))}
        </fieldset>
      )}
    </form>
  );
}
