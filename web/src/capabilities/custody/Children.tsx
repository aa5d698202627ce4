/** What is made of the piece that was scanned: each gets its label here, one at a time, from its parent's scan. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { printLabels } from "../../api/cases";
import type { ScanChild } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { giveFile } from "../../ui/give_file";
import { formOf, lastPrinter } from "../cases/Labels";
import { shortCode, useCustodyWords } from "./words";

interface ChildrenProps {
  caseId: string;
  parent: string;
  pieces: readonly ScanChild[];
  onDone: () => void;
}

export function Children({ caseId, parent, pieces, onDone }: ChildrenProps) {
  const { t } = useTranslation();
  const words = useCustodyWords();
  const problemText = useProblemText();
  const printing = useMutation({
    mutationFn: (id: string) => printLabels(caseId, [id], ...formOf(lastPrinter())),
    onSuccess: ({ content, name }) => {
      giveFile(content, name);
      onDone();
    },
  });
  return (
    <section className="children" aria-label={t("custody.children", { parent })}>
      <h2>{t("custody.children", { parent })}</h2>
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
      {printing.error && (
        <p role="alert" className="wrong">
          {problemText(printing.error)}
        </p>
      )}
    </section>
  );
}
