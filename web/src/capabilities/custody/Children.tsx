/** What is made of the piece that was scanned: each is added where nobody planned it, and gets its label here, one at a time, from its parent's scan. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { printLabels } from "../../api/cases";
import type { CaseDetail, MaterialShown, ScanChild } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { giveFile } from "../../ui/give_file";
import { AddPiece } from "../cases/AddMaterial";
import { formOf, lastPrinter } from "../cases/Labels";
import { shortCode, useCustodyWords } from "./words";

interface ChildrenProps {
  caseId: string;
  parent: Pick<MaterialShown, "id" | "kind">;
  /** Of the parent. */
  label: string;
  planned: readonly ScanChild[];
  onDone: () => void;
}

const childOf = ({ id, identifier: code, kind, stage, description }: MaterialShown): ScanChild => ({ id, code, kind, stage, description });
/** Whoever got a label was made as far as that. */
const labelled = (piece: ScanChild): ScanChild => (piece.stage === "planned" ? { ...piece, stage: piece.kind === "block" ? "printed" : "labelled" } : piece);

export function Children({ caseId, parent, label, planned, onDone }: ChildrenProps) {
  const { t } = useTranslation();
  const words = useCustodyWords();
  const problemText = useProblemText();
  const [pieces, setPieces] = useState(planned);
  const printing = useMutation({
    mutationFn: (id: string) => printLabels(caseId, [id], ...formOf(lastPrinter())),
    onSuccess: ({ content, name }, printed) => {
      giveFile(content, name);
      setPieces((before) => before.map((one) => (one.id === printed ? labelled(one) : one)));
      onDone();
    },
  });
  const add = (now: CaseDetail) => {
    setPieces((before) => [...before, ...now.material.filter((one) => one.parent_id === parent.id && before.every(({ id }) => id !== one.id)).map(childOf)]);
    onDone();
  };
  return (
    <section className="children" aria-label={t("custody.children", { parent: label })}>
      <h2>{t("custody.children", { parent: label })}</h2>
      <ul>
        {pieces.map((piece) => (
          <li key={piece.id}>
            <span className="figures">{shortCode(piece.code)}</span>
            <span>{piece.description}</span>
            <span className="second">{words.stage(piece.stage)}</span>
            <Button look="quiet" icon="tag" needsServer isPending={printing.isPending} onPress={() => { printing.mutate(piece.id); }}>
              {t("custody.label")}
            </Button>
          </li>
        ))}
      </ul>
      <AddPiece caseId={caseId} parent={parent} onAdded={add} />
      {printing.error && (
        <p role="alert" className="wrong">
          {problemText(printing.error)}
        </p>
      )}
    </section>
  );
}
