import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { endAuthorisation, listAuthorisations } from "../../api/apps";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { useScopeText } from "./words";

const KEY = ["app-authorisations"];

/** What I let apps do, each until I end it. */
export function Authorisations() {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const problemText = useProblemText();
  const scopeText = useScopeText();
  const held = useQuery({ queryKey: KEY, queryFn: ({ signal }) => listAuthorisations(signal) });
  const end = useMutation({ mutationFn: endAuthorisation, onSuccess: () => client.invalidateQueries({ queryKey: KEY }) });
  const error = held.error ?? end.error;
  return (
    <>
      {error && <p role="alert" className="wrong">{problemText(error)}</p>}
      {held.data?.length === 0 && <p className="second">{t("apps.letNone")}</p>}
      {held.data && held.data.length > 0 && (
        <ul className="lines">
          {held.data.map((each) => (
            <li key={each.id}>
              <div>
                <strong>{each.app}</strong>
                <p className="second">{[t("apps.since", { time: dateTime(each.made_at) }), t(each.lasts ? "apps.lasts" : "apps.whileHere")].join(" · ")}</p>
                <p className="second">{each.scopes.map(scopeText).join("; ")}</p>
              </div>
              <Button needsServer onPress={() => { end.mutate(each.id); }}>
                {t("apps.end")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
