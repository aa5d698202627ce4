/** Where is it: by the code of a piece or container; and what nobody has seen for long. */
import "./custody.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { gapsQuery, verifyChain } from "../../api/custody";
import { useFormats } from "../../i18n/format";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Wrong } from "../../shell/Wrong";
import { Button, Select } from "../../ui/controls";
import { PriorityMark } from "../cases/CaseRows";
import { Chain } from "./Chain";
import { CustodyNav } from "./CustodyNav";
import { Lost } from "./Mishaps";
import { useWhereCode } from "./where_code";
import { useCustodyWords } from "./words";

const HOURS = ["4", "24", "72", "168"] as const;
type Hours = (typeof HOURS)[number];

function WholeChain() {
  const { t } = useTranslation();
  const say = useSay();
  const problemText = useProblemText();
  const { dateTime } = useFormats();
  const verifying = useMutation({ mutationFn: verifyChain });
  return (
    <section className="custody-section">
      <h2>{t("custody.chain")}</h2>
      <Button icon="link" needsServer isPending={verifying.isPending} onPress={() => { verifying.mutate(); }}>
        {t("custody.chain.verify")}
      </Button>
      <div role="status">
        {verifying.data && verifying.data.faults.length === 0 && <p className="chain-whole">{t("custody.chain.whole", { count: verifying.data.events })}</p>}
        {verifying.data?.whole_at && <p className="second">{t("custody.chain.wholeAt", { at: dateTime(verifying.data.whole_at) })}</p>}
        {verifying.data?.faults.map((fault) => (
          <p key={`${fault.number} ${fault.said.template}`} className="wrong">
            {t("custody.chain.fault", { number: fault.number })} {say(fault.said)}
          </p>
        ))}
        {verifying.error && <p className="wrong">{problemText(verifying.error)}</p>}
      </div>
    </section>
  );
}

function Gaps() {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const words = useCustodyWords();
  const [hours, setHours] = useState<Hours>("24");
  const { data, error } = useQuery(gapsQuery(Number(hours)));
  return (
    <section className="custody-section">
      <h2>{t("custody.gaps")}</h2>
      <Select<Hours> label={t("custody.gaps.hours")} value={hours} options={HOURS.map((value) => ({ value, text: t("custody.gaps.for", { count: Number(value) }) }))} onChange={setHours} />
      <Wrong error={error} />
      {data?.length === 0 && <p className="second">{t("custody.gaps.none")}</p>}
      <ul className="gaps">
        {data?.map((row) => (
          <li key={row.code}>
            <button type="button" className="waiting-row" onClick={() => { useWhereCode.setState({ code: row.code }); }}>
              <span className="figures">{row.code}</span>
              <PriorityMark row={row} />
              <span className="second">{row.place ? t("custody.gaps.last", { place: words.place(row.place), at: dateTime(row.seen_at ?? "") }) : t("custody.where.never")}</span>
              <span>{row.next_step && t("custody.gaps.next", { step: t(`custody.step.${row.next_step}`) })}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function WherePage() {
  const { t } = useTranslation();
  const code = useWhereCode((store) => store.code);
  const [typed, setTyped] = useState(code);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => { input.current?.focus(); }, []);
  useEffect(() => { setTyped(code); }, [code]);
  return (
    <div className="custody-page">
      <title>{`${t("custody.where")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("custody.where")}</h1>
      <div className="toolbar">
        <CustodyNav />
      </div>
      <div className="custody-columns">
        <div>
          <form
            className="scan-form"
            onSubmit={(event) => {
              event.preventDefault();
              useWhereCode.setState({ code: typed.trim() });
              input.current?.select();
            }}
          >
            <label htmlFor="where-code">{t("custody.where.label")}</label>
            <input ref={input} id="where-code" className="input scan-code" value={typed} autoComplete="off" spellCheck={false} maxLength={200} onChange={(event) => { setTyped(event.target.value); }} />
          </form>
          {code !== "" && <Chain code={code} withCase />}
        </div>
        <div>
          <Gaps />
          <Lost />
          <WholeChain />
        </div>
      </div>
    </div>
  );
}
