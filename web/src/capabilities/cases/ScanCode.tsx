/** One field for whatever code a scanner at accessioning reads; a scanner ends it with Enter. */
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { searchCases } from "../../api/cases";
import { findPatients } from "../../api/patients";
import { Wrong } from "../../shell/Wrong";
import { Button, TextField } from "../../ui/controls";
import { NOBODY, type PatientDraft } from "./orders";
import { lookUp, type Scanned } from "./scanned";

/** A short number stands in many longer ones. */
const MOST_CASES = 100;
const QUEUES = ["open", "closed"] as const;
const EVERY = { subspecialty: null, priority: null, by_band: false };

const findCases = async (text: string) => {
  const pages = await Promise.all(QUEUES.map((queue) => searchCases({ ...EVERY, queue, text }, 0, MOST_CASES)));
  return pages.flatMap(({ items }) => items);
};

interface Props {
  onPatient: (patient: PatientDraft) => void;
  onOrder: (number: string) => void;
  onOpenCase: (id: string) => void;
}

export function ScanCode({ onPatient, onOrder, onOpenCase }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  // One after the other, in the order they were read: a scanner does not wait for an answer.
  const looking = useMutation<Scanned, Error, string>({
    scope: { id: useId() },
    mutationFn: (text) => lookUp(text, { findCases, findPatients }),
    onSuccess: (found, text) => {
      if (found.kind === "patient") onPatient(found.patient);
      // Whoever was stated before is somebody else.
      if (found.kind === "several") onPatient({ ...NOBODY, number: text });
      if (found.kind === "order") onOrder(text);
    },
    // To be tried again, unless something else was typed meanwhile.
    onError: (_, text) => { setCode((typed) => typed || text); },
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
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
          const text = code.trim();
          if (text === "") return;
          setCode("");
          looking.mutate(text);
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
      <Wrong error={looking.error} />
    </div>
  );
}
