/** Models in use for patients that have something to say of this case. What it is, nobody is told before they ask. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { offeredFindingsQuery, revealFindings } from "../../api/inference";
import type { FindingsOffered } from "../../api/types";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";

interface OfferedProps {
  caseId: string;
  /** Saves what was answered so far; tells whether the server has it. */
  flush: () => Promise<boolean>;
}

function Offer({ caseId, offer, flush }: OfferedProps & { offer: FindingsOffered }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const client = useQueryClient();
  const problemText = useProblemText();
  const reveal = useMutation({
    // What one answered before comes first, also when it was not saved yet.
    mutationFn: async () => ((await flush()) ? revealFindings(caseId, offer.version_id) : null),
    onSuccess: () =>
      Promise.all(["report", "report-findings", "offered-findings"].map((key) => client.invalidateQueries({ queryKey: [key, caseId] }))),
  });
  const name = `${said(offer.name, offer.name_zh)} ${offer.model_version}`;
  return (
    <li>
      <p>{t("report.offered.by", { name, count: offer.slides })}</p>
      <p className="second">{said(offer.purpose, offer.purpose_zh)}</p>
      <Button look="quiet" needsServer isPending={reveal.isPending} onPress={() => { reveal.mutate(); }}>
        {t("report.offered.reveal")}
      </Button>
      {reveal.error && (
        <p role="alert" className="wrong">
          {problemText(reveal.error)}
        </p>
      )}
    </li>
  );
}

export function Offered({ caseId, flush }: OfferedProps) {
  const { t } = useTranslation();
  const offers = (useQuery(offeredFindingsQuery(caseId)).data ?? []).filter((offer) => !offer.is_revealed);
  if (offers.length === 0) return null;
  return (
    <section className="block offers" aria-label={t("report.offered")}>
      <h3>{t("report.offered")}</h3>
      <p className="second">{t("report.offered.why")}</p>
      <ul>
        {offers.map((offer) => (
          <Offer key={offer.version_id} caseId={caseId} flush={flush} offer={offer} />
        ))}
      </ul>
    </section>
  );
}
