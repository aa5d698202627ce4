import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { conformityFile, takeMappings, unmapWord } from "../../api/conformity";
import { useFormats } from "../../i18n/format";
import { FileButton } from "../../shell/FileButton";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { mappingsQuery } from "./conformity_query";
import { useTermName } from "./UnknownWords";

/** What the words of the laboratory stand for, with who said so. */
export function Mappings({ editable }: { editable: boolean }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const termName = useTermName();
  const problemText = useProblemText();
  const client = useQueryClient();
  const file = useRef<HTMLInputElement>(null);
  const found = useQuery(mappingsQuery);
  const onSuccess = () => void client.invalidateQueries({ queryKey: ["conformity"] });
  const end = useMutation({ mutationFn: ({ kind, word }: { kind: Parameters<typeof unmapWord>[0]; word: string }) => unmapWord(kind, word), onSuccess });
  const take = useMutation({ mutationFn: async (chosen: File) => takeMappings(await chosen.text()), onSuccess });
  const error = end.error ?? take.error;
  return (
    <section className="conformity-block" aria-label={t("conformity.mapped")}>
      <div className="conformity-head">
        <h2>{t("conformity.mapped")}</h2>
        <FileButton path={conformityFile("words")} name="words.csv">{t("conformity.csv")}</FileButton>
        {editable && (
          <Button look="quiet" needsServer isPending={take.isPending} onPress={() => { file.current?.click(); }}>
            {t("conformity.import")}
          </Button>
        )}
        <input
          ref={file}
          type="file"
          accept=".csv,text/csv"
          hidden
          aria-label={t("conformity.import")}
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = "";
            if (chosen) take.mutate(chosen);
          }}
        />
      </div>
      {error && <p role="alert">{problemText(error)}</p>}
      {take.data && <p role="status">{t("conformity.imported", { count: take.data.changed })}</p>}
      {found.data?.length === 0 && <p className="second">{t("conformity.mapped.none")}</p>}
      {found.data && found.data.length > 0 && (
        <table className="counts">
          <thead>
            <tr>
              <th scope="col">{t("conformity.word")}</th>
              <th scope="col">{t("conformity.element")}</th>
              <th scope="col">{t("conformity.standsFor")}</th>
              <th scope="col">{t("conformity.by")}</th>
              {editable && <th scope="col" aria-label={t("conformity.end")} />}
            </tr>
          </thead>
          <tbody>
            {found.data.map((each) => (
              <tr key={each.number}>
                <th scope="row">{each.word}</th>
                <td>{t(`conformity.name.${each.term.kind}`)}</td>
                <td title={each.term.codes.map((code) => `${code.scheme} ${code.value}`).join(", ")}>{termName(each.term)}</td>
                <td>
                  {each.by} <small>{dateTime(each.at)}</small>
                </td>
                {editable && (
                  <td>
                    <Button look="quiet" needsServer aria-label={t("conformity.endOne", { word: each.word })} onPress={() => { end.mutate({ kind: each.term.kind, word: each.word }); }}>
                      {t("conformity.end")}
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
