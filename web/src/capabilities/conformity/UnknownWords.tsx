import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { mapWord, previewMapping } from "../../api/conformity";
import type { ProfileTerm, UnknownWord } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { mappingsQuery, termsQuery, unknownQuery } from "./conformity_query";
import { LevelMark } from "./LevelMark";
import { suggest } from "./suggest";

const keyOf = (word: UnknownWord) => `${word.kind}/${word.word}`;

export function useTermName(): (term: ProfileTerm) => string {
  const said = useSaidIn();
  return (term) => said(term.en, term.zh);
}

/** Which term a word stands for: those that are like it are offered, the first is taken by Enter. */
function Mapper({ word, onMapped }: { word: UnknownWord; onMapped: () => void }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const termName = useTermName();
  const problemText = useProblemText();
  const client = useQueryClient();
  const terms = useQuery(termsQuery).data ?? [];
  const [text, setText] = useState("");
  const offered = suggest(terms, word.kind, text || word.word);
  const first = offered[0];
  const preview = useQuery({
    queryKey: ["conformity", "preview", word.kind, word.word],
    queryFn: () => previewMapping({ kind: word.kind, word: word.word, term: first?.id ?? "" }),
    enabled: first !== undefined,
  });
  const save = useMutation({
    mutationFn: (term: ProfileTerm) => mapWord({ kind: word.kind, word: word.word, term: term.id }),
    onSuccess: () => {
      // Its slides are judged by and by; here the word is dealt with.
      client.setQueryData(unknownQuery.queryKey, (words) => words?.filter((each) => keyOf(each) !== keyOf(word)));
      void client.invalidateQueries({ queryKey: mappingsQuery.queryKey });
      onMapped();
    },
  });
  return (
    <form
      className="mapper"
      onSubmit={(event) => {
        event.preventDefault();
        if (first) save.mutate(first);
      }}
    >
      <TextField label={t("conformity.term", { word: word.word })} value={text} onChange={setText} autoFocus autoComplete="off" />
      <div className="offered" role="group" aria-label={t("conformity.terms")}>
        {offered.map((term, place) => (
          <Button key={term.id} needsServer look={place === 0 ? "primary" : "plain"} isPending={save.isPending} onPress={() => { save.mutate(term); }}>
            {t("conformity.map", { term: termName(term) })}
          </Button>
        ))}
        {terms.length > 0 && offered.length === 0 && <p className="second">{t("conformity.noTerm")}</p>}
      </div>
      {preview.data && <p className="second">{t("conformity.preview", { count: preview.data.slides, freed: number(preview.data.let_go) })}</p>}
      {save.error && <p role="alert">{problemText(save.error)}</p>}
    </form>
  );
}

/** Words that nobody mapped, those of most slides first; one key maps one. */
export function UnknownWords({ editable }: { editable: boolean }) {
  const { t } = useTranslation();
  const found = useQuery(unknownQuery);
  const words = found.data ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const move = (step: number) => {
    const place = words.findIndex((word) => keyOf(word) === chosen);
    const wanted = words[Math.min(Math.max(place + step, 0), words.length - 1)];
    if (wanted) setChosen(keyOf(wanted));
  };
  return (
    <section className="conformity-block" aria-label={t("conformity.unknown")}>
      <h2>{t("conformity.unknown")}</h2>
      {found.data && words.length === 0 && <p className="second">{t("conformity.unknown.none")}</p>}
      {editable && words.length > 0 && <p className="second">{t("conformity.unknown.hint")}</p>}
      <ul
        ref={list}
        className="words"
        tabIndex={words.length > 0 ? 0 : -1}
        aria-label={t("conformity.unknown")}
        onKeyDown={(event) => {
          if (event.target instanceof HTMLInputElement && !["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) return;
          if (event.key === "j" || event.key === "ArrowDown") move(1);
          else if (event.key === "k" || event.key === "ArrowUp") move(-1);
          else if (event.key === "Escape") {
            setChosen(null);
            list.current?.focus();
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {words.map((word) => (
          <li key={keyOf(word)}>
            <button type="button" className="word" aria-expanded={editable && chosen === keyOf(word)} disabled={!editable} onClick={() => { setChosen(chosen === keyOf(word) ? null : keyOf(word)); }}>
              <strong>{word.word}</strong>
              <span>{t(`conformity.name.${word.kind}`)}</span>
              <LevelMark level={word.level} />
              <span className="figures">{t("conformity.touches", { count: word.slides })}</span>
            </button>
            {editable && chosen === keyOf(word) && (
              <Mapper
                word={word}
                onMapped={() => {
                  move(1);
                  list.current?.focus();
                }}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
