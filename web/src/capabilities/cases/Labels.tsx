/** Labels of a case's parts, blocks and slides: a file for the printer of labels, or a PDF. */
import "./cases.css";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { printLabels } from "../../api/cases";
import type { CaseDetail, LabelForm, MaterialShown } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { giveFile } from "../../ui/give_file";
import { Button, Check, Dialog, Select } from "../../ui/controls";
import { shortOf } from "./CasePreview";

const PRINTERS = ["pdf", "zpl-203", "zpl-300", "zpl-600"] as const;
type Printer = (typeof PRINTERS)[number];
const STORED = "hemalum.label-printer";
const isPlanned = (piece: MaterialShown) => piece.stage === "planned";
const NOT_WORKED_ON: readonly string[] = ["expected", "collected", "in_transit", "received", "accepted"];
/** What has no label yet, as far as its stage tells: what is only planned, and a part of which nothing was made. */
const isNew = (piece: MaterialShown, all: readonly MaterialShown[]) =>
  isPlanned(piece) || (piece.kind === "part" && NOT_WORKED_ON.includes(piece.stage) && all.every((one) => one.parent_id !== piece.id || isPlanned(one)));
const hasLabel = (piece: MaterialShown) => !["lost", "broken", "disposed", "rejected", "cancelled"].includes(piece.stage);

/** The printer that was chosen on this device last. */
export function lastPrinter(): Printer {
  return PRINTERS.find((each) => each === localStorage.getItem(STORED)) ?? "pdf";
}

export function formOf(printer: Printer): [LabelForm, 203 | 300 | 600] {
  const [form, dpi] = printer.split("-") as [LabelForm, string?];
  return [form, Number(dpi ?? 300) as 203 | 300 | 600];
}

/** Opens a dialog in which those are chosen that have no label yet. */
export function Labels({ shown }: { shown: CaseDetail }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon="tag" onPress={() => { setOpen(true); }}>
        {t("cases.labels.open")}
      </Button>
      <Dialog title={t("cases.labels.title")} isOpen={isOpen} onClose={() => { setOpen(false); }}>
        <Choice shown={shown} onPrinted={() => { setOpen(false); }} />
      </Dialog>
    </>
  );
}

function Choice({ shown, onPrinted }: { shown: CaseDetail; onPrinted: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const pieces = shown.material.filter(hasLabel);
  const [chosen, setChosen] = useState(() => new Set(pieces.filter((one) => isNew(one, shown.material)).map(({ id }) => id)));
  const [printer, setPrinter] = useState(lastPrinter);
  const printing = useMutation({
    mutationFn: () => printLabels(shown.id, [...chosen], ...formOf(printer)),
    onSuccess: async ({ content, name }) => {
      localStorage.setItem(STORED, printer);
      giveFile(content, name);
      onPrinted();
      await Promise.all(["case", "case-events"].map((key) => client.invalidateQueries({ queryKey: [key, shown.id] })));
    },
  });
  const choose = (id: string, isChosen: boolean) => {
    setChosen((before) => new Set(isChosen ? [...before, id] : [...before].filter((each) => each !== id)));
  };
  return (
    <form
      className="labels"
      onSubmit={(event) => {
        event.preventDefault();
        printing.mutate();
      }}
    >
      <p className="second">{t("cases.labels.hint")}</p>
      <ul>
        {pieces.map((piece) => (
          <li key={piece.id}>
            <Check
              label={[shortOf(piece.identifier), piece.organ, piece.description, t(`cases.stage.${piece.stage}`)].filter(Boolean).join(", ")}
              checked={chosen.has(piece.id)}
              onChange={(isChosen) => { choose(piece.id, isChosen); }}
            />
          </li>
        ))}
      </ul>
      <Select<Printer> label={t("cases.labels.printer")} value={printer} options={PRINTERS.map((value) => ({ value, text: t(`cases.labels.printer.${value}`) }))} onChange={setPrinter} />
      {printing.error && (
        <p role="alert" className="wrong">
          {problemText(printing.error)}
        </p>
      )}
      <Button type="submit" look="primary" isPending={printing.isPending} isDisabled={chosen.size === 0}>
        {t("cases.labels.print", { count: chosen.size })}
      </Button>
    </form>
  );
}
