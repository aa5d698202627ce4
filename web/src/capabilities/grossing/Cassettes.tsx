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

const typedOf = ({ pieces, dimensions_mm, text }: CassetteShown) => ({ pieces: pieces === null ? "" : String(pieces), size: sizeText(dimensions_mm), text });

/** One cassette as it is described; what is typed is kept by Enter or the button, and what others saved meanwhile does not take its place. */
function Cassette({ caseId, cassette }: { caseId: string; cassette: CassetteShown }) {
  const { t, i18n } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const label = shortOf(cassette.identifier);
  /** What the fields were filled from. */
  const [base, setBase] = useState(cassette);
  const [typed, setTyped] = useState(() => typedOf(cassette));
  const { pieces, size, text } = typed;
  const type = (patch: Partial<ReturnType<typeof typedOf>>) => { setTyped((before) => ({ ...before, ...patch })); };
  const saving = useMutation({
    mutationFn: ({ contents }: { contents: Parameters<typeof describeCassette>[1]; said: typeof typed }) => describeCassette(cassette.material_id, contents),
    // The server has it in its own form; what was typed since stays.
    onSuccess: (saved, { said }) => {
      setBase(saved);
      setTyped((now) => (now === said ? typedOf(saved) : now));
    },
    onSettled: () => Promise.all([[CASSETTES, caseId], ["case-events", caseId]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const count = piecesOf(pieces);
  const millimetres = sizeOf(size);
  const isRight = !Number.isNaN(count) && millimetres !== null;
  const isSaid = (by: CassetteShown) => text === by.text && count === by.pieces && String(millimetres) === String(by.dimensions_mm);
  const isNewer = cassette.version > base.version;
  const newest = isNewer ? cassette : base;
  const isChanged = !isSaid(newest);
  const takeTheirs = () => {
    setBase(cassette);
    setTyped(typedOf(cassette));
  };
  if (isNewer && (isSaid(base) || !isChanged)) takeTheirs();
  const theirs = languageOf(i18n.language) === "zh" ? cassette.line_zh : cassette.line_en;
  return (
    <li>
      <form
        className="cassette"
        aria-label={t("grossing.cassette", { label })}
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight && isChanged) saving.mutate({ contents: { based_on: newest.version, text, pieces: count, dimensions_mm: millimetres }, said: typed });
        }}
      >
        <span className="figures">{label}</span>
        <TextField hidden label={t("grossing.cassette.pieces", { label })} placeholder={t("grossing.pieces")} value={pieces} onChange={(next) => { type({ pieces: next }); }} maxLength={3} inputMode="numeric" aria-invalid={Number.isNaN(count)} />
        <TextField hidden label={t("grossing.cassette.size", { label })} placeholder={t("grossing.size")} value={size} onChange={(next) => { type({ size: next }); }} maxLength={40} aria-invalid={millimetres === null} />
        <TextField hidden label={t("grossing.cassette.text", { label })} placeholder={t("grossing.text")} value={text} onChange={(next) => { type({ text: next }); }} maxLength={MOST_TEXT} />
        <Button type="submit" needsServer isPending={saving.isPending} isDisabled={!isRight || !isChanged}>
          {t("grossing.cassette.save")}
        </Button>
        <span className="second">{cassette.at === null ? "" : `${dateTime(cassette.at)} · ${cassette.by}`}</span>
      </form>
      {isNewer && isChanged && (
        <p role="status">
          {t("grossing.cassette.theirs", { name: cassette.by, said: theirs })}{" "}
          <Button look="quiet" onPress={() => { takeTheirs(); saving.reset(); }}>{t("grossing.cassette.takeTheirs")}</Button>
        </p>
      )}
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
            <Cassette key={each.material_id} caseId={caseId} cassette={each} />
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
