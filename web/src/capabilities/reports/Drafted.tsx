/** What programs found for this report: which models, who worded it, what stays open, and what a language model was refused. */
import "./drafted.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { offeredFindingsQuery } from "../../api/inference";
import { cancelWording, findingsQuery } from "../../api/reports";
import type { FindingsShown, ReportContent, ReportTemplate } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { keysOf } from "../../viewer/keys";
import { inWords } from "./form";
import { allAccepted, untaken } from "./statements";

/** Of what filled an element nothing has to be said: it stands there. */
const OPEN = new Set<string>(["abstained", "uncertain", "kept", "not_asked"]);

function Refused({ found }: { found: FindingsShown }) {
  const { t } = useTranslation();
  const refused = found.sentences.flatMap(({ doubt, refused: text, original, language }) => (doubt ? [{ doubt, text, original, language }] : []));
  if (refused.length === 0) return null;
  return (
    <details>
      <summary>{t("report.drafted.refused", { count: refused.length })}</summary>
      <ul className="refused">
        {refused.map(({ doubt, text, original, language }, index) => (
          <li key={index} lang={language === "zh" ? "zh-CN" : "en"}>
            <del>{text}</del> <span className="second">{t(`report.doubt.${doubt}`)}</span>
            <p>{original}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Open({ found, template }: { found: FindingsShown; template: ReportTemplate | null }) {
  const { t, i18n } = useTranslation();
  const say = useSay();
  const open = found.became.filter(({ outcome }) => OPEN.has(outcome));
  if (open.length === 0) return null;
  const labelOf = (id: string) => {
    const element = template?.elements.find((one) => one.id === id);
    return element ? inWords(element.label, i18n.language) : id;
  };
  return (
    <>
      <h4 className="label">{t("report.drafted.open")}</h4>
      <ul className="left-open">
        {open.map(({ element, outcome, why }) => (
          <li key={element} className={outcome}>
            {outcome !== "filled" && t(`report.drafted.${outcome}`, { element: labelOf(element) })}
            {why && <span className="second"> · {say(why)}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the models of this node that were asked were made for. */
function MadeFor({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const asked = (useQuery(offeredFindingsQuery(caseId)).data ?? []).filter((offer) => offer.is_revealed);
  if (asked.length === 0) return null;
  return (
    <ul className="made-for second">
      {asked.map((offer) => (
        <li key={offer.version_id}>
          {t("report.drafted.madeFor", {
            name: `${said(offer.name, offer.name_zh)} ${offer.model_version}`,
            purpose: said(offer.purpose, offer.purpose_zh),
          })}
        </li>
      ))}
    </ul>
  );
}

interface DraftedProps {
  caseId: string;
  /** The newest version that the server has: another one may come from findings. */
  version: number | null;
  content: ReportContent;
  template: ReportTemplate | null;
  onChange: (content: ReportContent) => void;
  /** Goes to the next place of what models said; undefined where there is none. */
  onNext: (() => void) | undefined;
}

export function Drafted({ caseId, version, content, template, onChange, onNext }: DraftedProps) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const say = useSay();
  const problemText = useProblemText();
  const client = useQueryClient();
  const found = useQuery(findingsQuery(caseId, version)).data?.[0];
  const cancelling = useMutation({
    mutationFn: (id: string) => cancelWording(caseId, id),
    onSettled: () => client.invalidateQueries({ queryKey: ["report-findings", caseId] }),
  });
  const left = untaken(content).length;
  if (!found && left === 0) return null;
  const [keys, next] = [keysOf("acceptStatements"), keysOf("nextFinding")];
  return (
    <section className="block drafted" aria-label={t("report.drafted")}>
      {found && (
        <>
          <h3>{t("report.drafted")}</h3>
          <p>
            {t("report.drafted.of", { models: found.models.join(", "), name: found.author_name })} · <time dateTime={found.at}>{dateTime(found.at)}</time>
          </p>
          <MadeFor caseId={caseId} />
          <p className={`wording ${found.wording}`}>
            {t(`report.drafted.${found.wording}`, { writer: found.writer })}
            {found.worded_at && <span className="second"> · {dateTime(found.worded_at)}</span>}
          </p>
          {found.failure && <p className="second">{say(found.failure)}</p>}
          {found.wording === "waiting" && (
            <Button look="quiet" needsServer isPending={cancelling.isPending} onPress={() => { cancelling.mutate(found.id); }}>
              {t("report.drafted.cancel")}
            </Button>
          )}
          {cancelling.error && (
            <p role="alert" className="wrong">
              {problemText(cancelling.error)}
            </p>
          )}
          <Open found={found} template={template} />
          <Refused found={found} />
        </>
      )}
      {onNext && (
        <Button icon="fit" onPress={onNext}>
          {t("report.drafted.places")} {next && <kbd>{next}</kbd>}
        </Button>
      )}
      {left > 0 && (
        <Button icon="check" onPress={() => { onChange(allAccepted(content)); }}>
          {t("report.acceptAll", { count: left })} {keys && <kbd>{keys}</kbd>}
        </Button>
      )}
    </section>
  );
}
