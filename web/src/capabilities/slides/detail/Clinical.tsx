/** What a scanner wrote of the patient into the file: shown when asked for, because each look is recorded. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { readClinical } from "../../../api/slides";
import type { MessageKey } from "../../../i18n/messages";
import { isKnown } from "../../../i18n/known";
import { useProblemText } from "../../../shell/problem";
import { Button } from "../../../ui/controls";

/** The only number of this field whose meaning is known. */
const MALE = "1";

type FieldKey = Extract<MessageKey, `detail.clinical.field.${string}`>;

/** The field without the maker's name before it; a tag that nobody has named stays as the file spells it. */
function useFieldName(): (tag: string) => string {
  const { t } = useTranslation();
  return (tag) => {
    const key = `detail.clinical.field.${tag.slice(tag.indexOf(".") + 1)}`;
    return isKnown<FieldKey>(key) ? t(key) : tag;
  };
}

export function Clinical({ id }: { id: string }) {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const problemText = useProblemText();
  const reading = useMutation({ mutationFn: () => readClinical(id) });
  return (
    <section className="block">
      <h3>{t("detail.clinical")}</h3>
      {reading.data ? (
        <dl className="properties" aria-live="polite">
          {Object.entries(reading.data.fields).map(([tag, value]) => (
            <div key={tag}>
              <dt>{fieldName(tag)}</dt>
              <dd>{tag === "sdpc.sex" && value === MALE ? t("detail.clinical.male") : value}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <>
          <p className="second">{t("detail.clinical.why")}</p>
          <Button needsServer isPending={reading.isPending} onPress={() => { reading.mutate(); }}>
            {t("detail.clinical.show")}
          </Button>
          {reading.error && <p role="alert">{problemText(reading.error)}</p>}
        </>
      )}
    </section>
  );
}
