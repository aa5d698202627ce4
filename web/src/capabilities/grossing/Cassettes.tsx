/** What was put into each cassette at grossing: how many pieces, how large, and what they are. */
import "./grossing.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CASSETTES, cassettesQuery, describeCassette } from "../../api/grossing";
import type { CassetteShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { shortOf } from "../cases/CasePreview";
import { linesOf, piecesOf, sizeOf, sizeText } from "./contents";
import { languageOf } from "../reports/form";

const MOST_TEXT = 2000;

/** One cassette as it is described; what is typed is kept by Enter or the button. */
function Cassette({ caseId, cassette }: { caseId: string; cassette: CassetteShown }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const label = shortOf(cassette.identifier);
  const [pieces, setPieces] = useState(cassette.pieces === null ? "" : String(cassette.pieces));
  const [size, setSize] = useState(sizeText(cassette.dimensions_mm));
  const [text, setText] = useState(cassette.text);
  const saving = useMutation({
    mutationFn: (contents: Parameters<typeof describeCassette>[1]) => describeCassette(cassette.material_id, contents),
    onSettled: () => Promise.all([[CASSETTES, caseId], ["case-events", caseId]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const count = piecesOf(pieces);
  const millimetres = sizeOf(size);
  const isRight = !Number.isNaN(count) && millimetres !== null;
  const isChanged = text !== cassette.text || count !== cassette.pieces || String(millimetres) !== String(cassette.dimensions_mm);
  return (
    <li>
      <form
        className="cassette"
        aria-label={t("grossing.cassette", { label })}
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight && isChanged) saving.mutate({ based_on: cassette.version, text, pieces: count, dimensions_mm: millimetres });
        }}
      >
        <span className="figures">{label}</span>
        <TextField hidden label={t("grossing.cassette.pieces", { label })} placeholder={t("grossing.pieces")} value={pieces} onChange={setPieces} maxLength={3} inputMode="numeric" aria-invalid={Number.isNaN(count)} />
        <TextField hidden label={t("grossing.cassette.size", { label })} placeholder={t("grossing.size")} value={size} onChange={setSize} maxLength={40} aria-invalid={millimetres === null} />
        <TextField hidden label={t("grossing.cassette.text", { label })} placeholder={t("grossing.text")} value={text} onChange={setText} maxLength={MOST_TEXT} />
        <Button type="submit" needsServer isDisabled={!isRight || !isChanged || saving.isPending}>
          {t("grossing.cassette.save")}
        </Button>
        <span className="second">{cassette.at === null ? "" : `${dateTime(cassette.at)} · ${cassette.by}`}</span>
      </form>
      {(saving.error || millimetres === null) && (
        <p role="alert" className="wrong">
          {millimetres === null ? t("grossing.size.wrong") : problemText(saving.error)}
        </p>
      )}
    </li>
  );
}

export function Cassettes({ caseId }: { caseId: string }) {
  const { t, i18n } = useTranslation();
  const problemText = useProblemText();
  const mayProcess = usePermission("cases.process");
  const { data, error } = useQuery(cassettesQuery(caseId));
  const lines = linesOf(data ?? [], languageOf(i18n.language));
  return (
    <section className="block" aria-label={t("grossing.cassettes")}>
      <h2>{t("grossing.cassettes")}</h2>
      {error && <p className="second">{problemText(error)}</p>}
      {data?.length === 0 && <p className="second">{t("grossing.cassettes.none")}</p>}
      {data && !mayProcess && data.length > 0 && lines.length === 0 && <p className="second">{t("grossing.cassettes.undescribed")}</p>}
      {data && mayProcess && (
        <ul className="cassettes">
          {data.map((each) => (
            <Cassette key={`${each.material_id} ${each.version}`} caseId={caseId} cassette={each} />
          ))}
        </ul>
      )}
      {!mayProcess && (
        <ul className="cassettes">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
