/** Where a piece or container is, who had it, and every link of its chain. */
import "./custody.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { whereQuery } from "../../api/custody";
import type { CustodyEvent, Whereabouts } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Icon } from "../../ui/icons";
import { encodeFilter } from "../cases/worklist_state";
import { Mishaps } from "./Mishaps";
import { useCustodyWords } from "./words";

function Verified({ found }: { found: Whereabouts }) {
  const { t } = useTranslation();
  const say = useSay();
  const { faults, events } = found.verified;
  if (faults.length === 0)
    return (
      <p className="chain-whole">
        <Icon name="check" /> {t("custody.chain.whole", { count: events })}
      </p>
    );
  return (
    <div role="alert" className="chain-broken">
      <p>
        <Icon name="warning" /> {t("custody.chain.broken")}
      </p>
      <ul>
        {faults.map((fault) => (
          <li key={`${fault.number} ${fault.said.template}`}>
            {t("custody.chain.fault", { number: fault.number })} {say(fault.said)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Links({ events }: { events: CustodyEvent[] }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const say = useSay();
  const words = useCustodyWords();
  return (
    <ol className="chain" reversed>
      {[...events].reverse().map((event) => (
        <li key={event.number} className={event.refused ? "refused" : "taken"}>
          <Icon name={event.refused ? "close" : event.action === "correct" ? "undo" : "check"} />
          <time dateTime={event.occurred_at}>{dateTime(event.occurred_at)}</time>
          <span>
            {event.refused ? `${words.deed(event)}. ${t("custody.result.refused")}: ${say(event.refused)}` : words.deed(event)}
            {!event.refused && event.before !== event.after && words.place(event.after_place) !== "" && ` · ${words.place(event.after_place)}`}
          </span>
          <span className="second">{event.actor_name}</span>
          {event.reason !== "" && <q>{event.reason}</q>}
          <code title={event.hash}>
            {event.number} · {event.hash.slice(0, 8)}
          </code>
        </li>
      ))}
    </ol>
  );
}

export function Chain({ code, withCase = false }: { code: string; withCase?: boolean }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const words = useCustodyWords();
  const problemText = useProblemText();
  const { data: found, error } = useQuery({ ...whereQuery(code), retry: false });
  if (error)
    return (
      <p role="alert" className="wrong">
        {problemText(error)}
      </p>
    );
  if (!found) return null;
  return (
    <div className="whereabouts">
      <h2>
        {words.kind(found.kind)} <span className="figures">{found.code}</span>
      </h2>
      <p className="where-path">
        <Icon name={found.stage === "lost" ? "warning" : "target"} /> {found.stage === "lost" ? t("cases.stage.lost") : words.path(found.path) || (found.since === null ? t("custody.where.never") : t("custody.where.with", { person: found.person }))}
      </p>
      {found.since !== null && (
        <p className="second">
          {t("custody.where.since", { person: found.person, at: dateTime(found.since) })}
          {found.stage !== null && ` · ${words.stage(found.stage)}`}
        </p>
      )}
      {found.loan && <p className={found.loan.is_overdue ? "late" : "second"}>{t(found.loan.is_overdue ? "custody.loan.late" : "custody.loan.until", { at: dateTime(found.loan.due_at) })}</p>}
      {withCase && found.case_id !== null && (
        <p>
          <Link to="/cases/$id" params={{ id: found.case_id }} search={encodeFilter({ queue: "open" })}>
            {t("custody.toCase", { number: found.number })}
          </Link>
        </p>
      )}
      <Mishaps found={found} />
      <Verified found={found} />
      <Links events={found.events} />
    </div>
  );
}
