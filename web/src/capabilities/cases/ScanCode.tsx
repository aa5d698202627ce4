/** One field for whatever code a scanner at accessioning reads; a scanner ends it with Enter. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery, searchCases } from "../../api/cases";
import { findPatients } from "../../api/patients";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import type { PatientDraft } from "./orders";
import { lookUp, type Scanned } from "./scanned";

const MOST_CASES = 5;
const QUEUES = ["open", "closed"] as const;
const EVERY = { subspecialty: null, priority: null, by_band: false };

const findCases = async (text: string) => {
  const pages = await Promise.all(QUEUES.map((queue) => searchCases({ ...EVERY, queue, text }, 0, MOST_CASES)));
  return pages.flatMap(({ items }) => items.map(({ id }) => id));
};

interface Props {
  onPatient: (patient: PatientDraft) => void;
  onOrder: (number: string) => void;
  onOpenCase: (id: string) => void;
}

export function ScanCode({ onPatient, onOrder, onOpenCase }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [code, setCode] = useState("");
  const looking = useMutation<Scanned, Error, string>({
    mutationFn: (text) => lookUp(text, { findCases, findPatients, readCase: (id) => client.fetchQuery(caseQuery(id)) }),
    onSuccess: (found, text) => {
      if (found.kind === "patient") onPatient(found.patient);
      if (found.kind === "order") onOrder(text);
      setCode("");
    },
  });
  const found = looking.data;
  return (
    <div className="scan-code">
      <TextField
        label={t("accession.scan")}
        hint={t("accession.scanHint")}
        value={code}
        onChange={setCode}
        maxLength={100}
        autoFocus
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          // The order is handed in by its button alone.
          event.preventDefault();
          if (code.trim() !== "" && !looking.isPending) looking.mutate(code.trim());
        }}
      />
      <div role="status">
        {looking.isPending && <p>{t("accession.scan.looking")}</p>}
        {found?.kind === "case" && (
          <>
            <p>{t("accession.scan.case", { number: found.number })}</p>
            <Button onPress={() => { onOpenCase(found.id); }}>{t("accession.scan.open")}</Button>
          </>
        )}
        {found !== undefined && found.kind !== "case" && <p>{t(`accession.scan.${found.kind}`)}</p>}
      </div>
      {looking.error && (
        <p role="alert" className="wrong">
          {problemText(looking.error)}
        </p>
      )}
    </div>
  );
}
