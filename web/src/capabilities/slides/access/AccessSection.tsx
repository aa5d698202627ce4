/** Who else may see a slide: what the patient agreed to, protection, and the organisations that it was sent to. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { endShare, listPartners, listShares, readTerms, setTerms, shareImage } from "../../../api/slides";
import type { Purpose, Terms } from "../../../api/types";
import { useFormats } from "../../../i18n/format";
import { useProblemText } from "../../../shell/problem";
import { Button, IconButton } from "../../../ui/controls";
import { useReach } from "../../../ui/reach";

const BEYOND_CARE: Purpose[] = ["research", "trial", "teaching"];
const DAYS = 30;

type Answer = "unknown" | "consented" | "refused";

function answerOf(terms: Terms, purpose: Purpose): Answer {
  if (terms.refused.includes(purpose)) return "refused";
  return terms.consented.includes(purpose) ? "consented" : "unknown";
}

function answered(terms: Terms, purpose: Purpose, answer: Answer): Terms {
  const without = (purposes: Purpose[]) => purposes.filter((one) => one !== purpose);
  const consented = without(terms.consented);
  const refused = without(terms.refused);
  if (answer === "consented") consented.push(purpose);
  if (answer === "refused") refused.push(purpose);
  return { ...terms, consented, refused };
}

function TermsOf({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const key = ["terms", id];
  const { data: terms, error } = useQuery({ queryKey: key, queryFn: ({ signal }) => readTerms(id, signal), retry: false });
  const isReached = useReach();
  const change = useMutation({
    mutationFn: (wanted: Terms) => setTerms(id, wanted),
    onSuccess: (kept) => { client.setQueryData(key, kept); },
  });
  if (error) return <p role="alert">{problemText(error)}</p>;
  if (!terms) return null;
  return (
    <fieldset disabled={change.isPending || !isReached}>
      <legend className="visually-hidden">{t("access.terms")}</legend>
      <label className="check">
        <input
          type="checkbox"
          checked={terms.restricted}
          onChange={(event) => { change.mutate({ ...terms, restricted: event.target.checked }); }}
        />
        <span>{t("access.restricted")}</span>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={terms.blinded}
          onChange={(event) => { change.mutate({ ...terms, blinded: event.target.checked }); }}
        />
        <span>{t("access.blinded")}</span>
      </label>
      <h4>{t("access.consent")}</h4>
      {BEYOND_CARE.map((purpose) => (
        <label key={purpose} className="consent">
          <span>{t(`purpose.${purpose}`)}</span>
          <select
            className="input"
            value={answerOf(terms, purpose)}
            onChange={(event) => { change.mutate(answered(terms, purpose, event.target.value as Answer)); }}
          >
            <option value="unknown">{t("access.unknown")}</option>
            <option value="consented">{t("access.consented")}</option>
            <option value="refused">{t("access.refused")}</option>
          </select>
        </label>
      ))}
      {change.error && <p role="alert">{problemText(change.error)}</p>}
    </fieldset>
  );
}

function Shares({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const { date } = useFormats();
  const key = ["shares", id];
  const { data: shares, error } = useQuery({ queryKey: key, queryFn: ({ signal }) => listShares(id, signal), retry: false });
  const { data: partners = [] } = useQuery({ queryKey: ["partners"], queryFn: ({ signal }) => listPartners(signal), retry: false });
  const nameOf = (id: string) => partners.find((each) => each.id === id)?.name ?? id;
  const others = partners.filter((each) => !shares?.some((share) => share.organisation_id === each.id));
  const [organisation, setOrganisation] = useState("");
  const [days, setDays] = useState(DAYS);
  const [basis, setBasis] = useState("");
  const again = () => client.invalidateQueries({ queryKey: key });
  const send = useMutation({
    mutationFn: () => shareImage(id, organisation, days, basis.trim()),
    onSuccess: async () => {
      setOrganisation("");
      setBasis("");
      await again();
    },
  });
  const end = useMutation({ mutationFn: (to: string) => endShare(id, to), onSuccess: again });
  return (
    <>
      <h4>{t("share.title")}</h4>
      {error && <p role="alert">{problemText(error)}</p>}
      {shares?.length === 0 && <p className="second">{t("share.none")}</p>}
      {shares && shares.length > 0 && (
        <ul className="shares">
          {shares.map((share) => (
            <li key={share.organisation_id}>
              <span>{nameOf(share.organisation_id)}</span>
              <span className="second">{t("share.until", { date: date(share.until) })}</span>
              <IconButton needsServer
                icon="close"
                label={t("share.end", { name: nameOf(share.organisation_id) })}
                onPress={() => { end.mutate(share.organisation_id); }}
              />
              {share.legal_basis && <span className="second basis">{share.legal_basis}</span>}
            </li>
          ))}
        </ul>
      )}
      <form
        className="share"
        onSubmit={(event) => {
          event.preventDefault();
          if (organisation) send.mutate();
        }}
      >
        <label>
          {t("share.organisation")}
          <select className="input" value={organisation} onChange={(event) => { setOrganisation(event.target.value); }}>
            <option value="">{t(others.length > 0 ? "share.choose" : "share.noOthers")}</option>
            {others.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("share.days")}
          <input
            className="input"
            type="number"
            min={1}
            max={365}
            value={days}
            onChange={(event) => { setDays(event.target.valueAsNumber || DAYS); }}
          />
        </label>
        <label>
          {t("share.basis")}
          <input className="input" maxLength={500} value={basis} onChange={(event) => { setBasis(event.target.value); }} />
        </label>
        {(send.error ?? end.error) && <p role="alert">{problemText(send.error ?? end.error)}</p>}
        <Button type="submit" isPending={send.isPending} isDisabled={!organisation}>
          {t("share.send")}
        </Button>
      </form>
    </>
  );
}

export function AccessSection({ id, mayGovern, mayShare }: { id: string; mayGovern: boolean; mayShare: boolean }) {
  const { t } = useTranslation();
  return (
    <details className="block access">
      <summary>
        <h3>{t("access.title")}</h3>
      </summary>
      {mayGovern && <TermsOf id={id} />}
      {mayShare && <Shares id={id} />}
    </details>
  );
}
