/** An order that is typed in: the patient, what was asked, the parts and what is to be made of them. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { accessionCase } from "../../api/cases";
import type { CaseDetail, Priority, Sex, Subspecialty } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Select, TextField } from "../../ui/controls";
import { useMe } from "../access/me";
import { EMPTY_PART, isStated, MOST_BLOCKS, NOBODY, partOf, patientOf, type PartDraft, type PatientDraft } from "./orders";
import { ScanCode } from "./ScanCode";
import { PRIORITIES, SUBSPECIALTIES } from "./worklist_state";

const SEXES = ["female", "male", "other", "unknown"] as const satisfies readonly Sex[];

export function AccessionForm({ onDone, onOpenCase }: { onDone: (made: CaseDetail) => void; onOpenCase: (id: string) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const organisation = useMe().data?.organisation_name ?? "";
  const [patient, setPatient] = useState(NOBODY);
  const [department, setDepartment] = useState("");
  const [clinician, setClinician] = useState("");
  const [order, setOrder] = useState("");
  const [history, setHistory] = useState("");
  const [priority, setPriority] = useState<Priority>("routine");
  const [field, setField] = useState<Subspecialty>("general");
  const [parts, setParts] = useState<PartDraft[]>([EMPTY_PART]);
  const adding = useMutation({
    mutationFn: () =>
      accessionCase({
        parts: parts.map(partOf),
        patient: patientOf(patient, organisation),
        request: department || clinician || history ? { department, clinician, history } : null,
        priority,
        subspecialty: field,
        foreign_numbers: order.trim() ? [{ issuer: department.trim() || organisation, value: order }] : [],
      }),
    onSuccess: async (made) => {
      await Promise.all(["cases", "case-queues"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      onDone(made);
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  const say = (patch: Partial<PatientDraft>) => { setPatient((before) => ({ ...before, ...patch })); };
  const setPart = (index: number, patch: Partial<PartDraft>) => {
    setParts((before) => before.map((one, place) => (place === index ? { ...one, ...patch } : one)));
  };
  return (
    <form
      className="form accession"
      onSubmit={submit}
      autoComplete="off"
      onKeyDown={(event) => {
        // A scanner ends with Enter whatever it reads, in whatever field: the order is handed in by its button alone.
        if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
      }}
    >
      <ScanCode onPatient={setPatient} onOrder={setOrder} onOpenCase={onOpenCase} />
      <fieldset>
        <legend className="label">{t("accession.patient")}</legend>
        <TextField label={t("accession.name")} hint={t("accession.nameHint")} value={patient.name} onChange={(name) => { say({ name }); }} required={isStated(patient)} maxLength={200} />
        <div className="text-field">
          <span className="label">{t("accession.sex")}</span>
          <Select<Sex> label={t("accession.sex")} value={patient.sex} options={SEXES.map((value) => ({ value, text: t(`cases.sex.${value}`) }))} onChange={(sex) => { say({ sex }); }} />
        </div>
        <TextField label={t("accession.born")} type="date" value={patient.born} onChange={(born) => { say({ born }); }} />
        <TextField label={t("accession.number")} value={patient.number} onChange={(number) => { say({ number }); }} maxLength={100} />
        <TextField label={t("accession.issuer")} hint={t("accession.issuerHint", { organisation })} value={patient.issuer} onChange={(issuer) => { say({ issuer }); }} maxLength={100} />
      </fieldset>
      <fieldset>
        <legend className="label">{t("cases.request")}</legend>
        <TextField label={t("accession.department")} value={department} onChange={setDepartment} maxLength={200} />
        <TextField label={t("accession.clinician")} value={clinician} onChange={setClinician} maxLength={200} />
        <TextField label={t("accession.order")} value={order} onChange={setOrder} maxLength={100} />
        <div className="text-field wide">
          <label htmlFor="accession-history">{t("accession.history")}</label>
          <textarea id="accession-history" className="input" rows={2} value={history} maxLength={10_000} onChange={(event) => { setHistory(event.target.value); }} />
        </div>
        <div className="text-field">
          <span className="label">{t("worklist.filter.priority")}</span>
          <Select<Priority> label={t("worklist.filter.priority")} value={priority} options={PRIORITIES.map((value) => ({ value, text: t(`cases.priority.${value}`) }))} onChange={setPriority} />
        </div>
        <div className="text-field">
          <span className="label">{t("worklist.filter.field")}</span>
          <Select<Subspecialty> label={t("worklist.filter.field")} value={field} options={SUBSPECIALTIES.map((value) => ({ value, text: t(`cases.field.${value}`) }))} onChange={setField} />
        </div>
      </fieldset>
      {parts.map((part, index) => (
        <fieldset key={index}>
          <legend className="label">{t("accession.part", { label: String.fromCharCode(65 + index) })}</legend>
          <TextField label={t("accession.organ")} value={part.organ} onChange={(organ) => { setPart(index, { organ }); }} maxLength={200} required={part.description === ""} />
          <TextField label={t("accession.description")} value={part.description} onChange={(description) => { setPart(index, { description }); }} maxLength={200} />
          <TextField label={t("accession.blocks")} type="number" min={0} max={MOST_BLOCKS} value={part.blocks} onChange={(blocks) => { setPart(index, { blocks }); }} />
          <TextField label={t("accession.smears")} hint={t("accession.smearsHint")} type="number" min={0} max={MOST_BLOCKS} value={part.smears} onChange={(smears) => { setPart(index, { smears }); }} />
          <TextField label={t("accession.stains")} hint={t("accession.stainsHint")} value={part.stains} onChange={(stains) => { setPart(index, { stains }); }} maxLength={400} />
          {parts.length > 1 && (
            <Button look="quiet" icon="close" onPress={() => { setParts((before) => before.filter((_, place) => place !== index)); }}>
              {t("action.remove")}
            </Button>
          )}
        </fieldset>
      ))}
      {adding.error && (
        <p role="alert" className="wrong">
          {problemText(adding.error)}
        </p>
      )}
      <div className="actions">
        <Button icon="plus" isDisabled={parts.length >= 26} onPress={() => { setParts((before) => [...before, EMPTY_PART]); }}>
          {t("accession.addPart")}
        </Button>
        <Button type="submit" look="primary" isPending={adding.isPending}>
          {t("accession.submit")}
        </Button>
      </div>
    </form>
  );
}
