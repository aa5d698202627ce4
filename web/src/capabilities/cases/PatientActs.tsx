/** Corrects a patient, says that two are one person, and takes that back: always with a reason, and with both side by side. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { correctPatient, findPatients, mergePatient, readPatient, unmergePatient } from "../../api/patients";
import type { CaseDetail, PatientIdentity, PatientKnown, Sex } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Dialog, Select, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";

const SEXES = ["female", "male", "other", "unknown"] as const satisfies readonly Sex[];
const TOUCHED = ["case", "cases", "case-events", "image-case", "patient", "case-queues"];

type Act = "correct" | "merge" | "unmerge";

function usePatientFields() {
  const { t } = useTranslation();
  return (patient: PatientIdentity | null): [string, string][] => [
    [t("accession.name"), patient?.name ?? t("cases.patient.erased")],
    [t("accession.sex"), patient ? t(`cases.sex.${patient.sex ?? "unknown"}`) : ""],
    [t("accession.born"), patient?.birth_date ?? ""],
    [t("accession.number"), (patient?.identifiers ?? []).map(({ issuer, value }) => `${issuer} ${value}`).join(", ")],
  ];
}

interface BesideProps {
  heads: [string, string];
  left: PatientIdentity | null;
  right: PatientIdentity | null;
}

/** Two patients, field by field; what differs is told by word, too. */
function Beside({ heads, left, right }: BesideProps) {
  const { t } = useTranslation();
  const fields = usePatientFields();
  const others = fields(right);
  return (
    <table className="compared">
      <thead>
        <tr>
          <th />
          <th scope="col">{heads[0]}</th>
          <th scope="col">{heads[1]}</th>
          <th scope="col">{t("cases.compare.result")}</th>
        </tr>
      </thead>
      <tbody>
        {fields(left).map(([name, value], index) => {
          const other = others[index]?.[1] ?? "";
          const result = value === other ? "agrees" : "differs";
          return (
            <tr key={name} className={result}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              <td>{other}</td>
              <td>{t(`cases.compare.${result}`)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface ActProps {
  act: (reason: string) => Promise<unknown>;
  word: string;
  isReady?: boolean;
  onDone: () => void;
  children: ReactNode;
}

/** What is to be done, why, and a button that does it. */
function Deed({ act, word, isReady = true, onDone, children }: ActProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [reason, setReason] = useState("");
  const doing = useMutation({
    mutationFn: () => act(reason),
    onSuccess: async () => {
      await Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
      onDone();
    },
  });
  return (
    <form
      className="form"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
    >
      {children}
      <TextField label={t("cases.reason")} hint={t("orders.reasonHint")} value={reason} onChange={setReason} maxLength={500} required />
      {doing.error && (
        <p role="alert" className="wrong">
          {problemText(doing.error)}
        </p>
      )}
      <Button type="submit" look="primary" isPending={doing.isPending} isDisabled={!isReady || reason.trim() === ""}>
        {word}
      </Button>
    </form>
  );
}

function Correct({ patient, onDone }: { patient: PatientKnown & { patient: PatientIdentity }; onDone: () => void }) {
  const { t } = useTranslation();
  const known = patient.patient;
  const [name, setName] = useState(known.name);
  const [sex, setSex] = useState<Sex>(known.sex ?? "unknown");
  const [born, setBorn] = useState(known.birth_date ?? "");
  const stated: PatientIdentity = { ...known, name, sex, birth_date: born || null };
  return (
    <Deed word={t("cases.patient.correct")} act={(reason) => correctPatient(patient.id, stated, reason)} isReady={name.trim() !== ""} onDone={onDone}>
      <TextField label={t("accession.name")} value={name} onChange={setName} maxLength={200} required autoFocus />
      <Select<Sex> label={t("accession.sex")} value={sex} options={SEXES.map((value) => ({ value, text: t(`cases.sex.${value}`) }))} onChange={setSex} />
      <TextField label={t("accession.born")} type="date" value={born} onChange={setBorn} />
      <Beside heads={[t("cases.patient.before"), t("cases.patient.after")]} left={known} right={stated} />
    </Deed>
  );
}

function Merge({ patient, onDone }: { patient: PatientKnown; onDone: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [number, setNumber] = useState("");
  const finding = useMutation({ mutationFn: () => findPatients(number) });
  const others = finding.data?.filter(({ id }) => id !== patient.id);
  const other = others?.[0];
  return (
    <>
      <form
        className="link-form"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          finding.mutate();
        }}
      >
        <TextField label={t("cases.patient.otherNumber")} value={number} onChange={setNumber} maxLength={100} required autoFocus />
        <Button type="submit" isPending={finding.isPending} isDisabled={number.trim() === ""}>
          {t("cases.patient.find")}
        </Button>
        {finding.error && (
          <p role="alert" className="wrong">
            {problemText(finding.error)}
          </p>
        )}
        {others?.length === 0 && <p role="status">{t("cases.patient.notFound")}</p>}
      </form>
      {other && (
        <Deed key={other.id} word={t("cases.patient.merge")} act={(reason) => mergePatient(other.id, patient.id, reason)} onDone={onDone}>
          <p className="second">{t("cases.patient.mergeHint")}</p>
          <Beside heads={[t("cases.patient.stays"), t("cases.patient.merged")]} left={patient.patient} right={other.patient} />
        </Deed>
      )}
    </>
  );
}

function Acting({ id, act, onDone }: { id: string; act: Act; onDone: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { data, error } = useQuery({ queryKey: ["patient", id], queryFn: ({ signal }) => readPatient(id, signal), retry: false, gcTime: 0 });
  if (error) return <p role="alert" className="wrong">{problemText(error)}</p>;
  if (!data) return null;
  const { own, now } = data;
  if (act === "merge") return <Merge patient={now} onDone={onDone} />;
  if (act === "correct") return now.patient ? <Correct patient={{ ...now, patient: now.patient }} onDone={onDone} /> : <p>{t("cases.patient.erased")}</p>;
  if (own.merged_into === null) return <p>{t("cases.patient.notMerged")}</p>;
  return (
    <Deed word={t("cases.patient.unmerge")} act={(reason) => unmergePatient(own.id, reason)} onDone={onDone}>
      <Beside heads={[t("cases.patient.ownAgain"), t("cases.patient.mergedInto")]} left={own.patient} right={now.patient} />
    </Deed>
  );
}

export function PatientActs({ shown }: { shown: CaseDetail }) {
  const { t } = useTranslation();
  const mayCorrect = usePermission("cases.accession");
  const mayMerge = usePermission("cases.merge_patients");
  const [act, setAct] = useState<Act | null>(null);
  const acts: Act[] = [...(mayCorrect ? (["correct"] as const) : []), ...(mayMerge ? (["merge", "unmerge"] as const) : [])];
  if (!shown.patient || shown.patient_id === null || acts.length === 0) return null;
  const close = () => { setAct(null); };
  return (
    <div className="patient-acts">
      {acts.map((one) => (
        <Button key={one} needsServer onPress={() => { setAct(one); }}>
          {t(`cases.patient.open.${one}`)}
        </Button>
      ))}
      <Dialog title={t(act === null ? "cases.patient.open.correct" : `cases.patient.open.${act}`)} isOpen={act !== null} onClose={close}>
        {act !== null && <Acting id={shown.patient_id} act={act} onDone={close} />}
      </Dialog>
    </div>
  );
}
