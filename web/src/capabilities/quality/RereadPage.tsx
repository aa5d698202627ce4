/** One case that is read a second time: taking it, answering without knowing the report, deciding, and what came of it. */
import "../cases/cases.css";
import "../reports/reports.css";
import "./quality.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { beginReread, giveRereadBack, giveRereadUp, rereadQuery } from "../../api/quality";
import type { RereadRow } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { InHeader } from "../../shell/header_slot";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { PurposeChip } from "../slides/access/PurposeChip";
import { forgetAnswers } from "./answers";
import { Decision } from "./Decision";
import { GravityMark, StateMark } from "./Marks";
import { RereadForm } from "./RereadForm";
import { useRereadAct } from "./use_reread";

function Acts({ row }: { row: RereadRow }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const begin = useRereadAct(() => beginReread(row.id));
  const back = useRereadAct(() => giveRereadBack(row.id), () => {
    forgetAnswers(row.id);
    void navigate({ to: "/rescreening", search: { list: "to_read" } });
  });
  const error = begin.error ?? back.error;
  return (
    <div className="actions">
      {(row.may_read || row.may_decide) && (
        <Button look="primary" needsServer isPending={begin.isPending} onPress={() => { begin.mutate(); }}>
          {t(row.may_read ? "quality.begin" : "quality.beginDecision")}
        </Button>
      )}
      {row.is_mine && (
        <Button needsServer isPending={back.isPending} onPress={() => { back.mutate(); }}>
          {t("quality.giveBack")}
        </Button>
      )}
      <Link to="/cases/$id" params={{ id: row.case_id }} search={{ queue: "closed" }} className="button">
        {t("quality.toCase")}
      </Link>
      {error && (
        <span role="alert" className="wrong">
          {problemText(error)}
        </span>
      )}
    </div>
  );
}

/** For whoever manages: a reread that cannot be completed. */
function GiveUp({ row }: { row: RereadRow }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [reason, setReason] = useState("");
  const giving = useRereadAct((said: string) => giveRereadUp(row.id, said));
  return (
    <form
      className="block actions"
      onSubmit={(event) => {
        event.preventDefault();
        giving.mutate(reason);
      }}
    >
      <TextField label={t("quality.giveUp.reason")} value={reason} maxLength={500} onChange={setReason} />
      <Button type="submit" isPending={giving.isPending} isDisabled={reason.trim() === ""}>
        {t("quality.giveUp")}
      </Button>
      {giving.error && (
        <span role="alert" className="wrong">
          {problemText(giving.error)}
        </span>
      )}
    </form>
  );
}

function Shown({ row }: { row: RereadRow }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const mayManage = usePermission("quality.manage");
  const isCompleted = row.state === "agreed" || row.state === "decided";
  return (
    <>
      <header className="block">
        <h1 className="figures">{row.case_number}</h1>
        <p>
          <StateMark state={row.state} /> {row.gravity !== null && <GravityMark gravity={row.gravity} />}
        </p>
        <p className="second">
          {t(`cases.field.${row.field}`)} · {t("quality.signedAt", { time: dateTime(row.signed_at) })}
          {row.signer_name !== null && ` · ${row.signer_name}`}
        </p>
        {row.state === "reading" && row.is_mine && <p className="hint">{t("quality.blinded")}</p>}
        {row.offers_amendment && <p className="offer">{t("quality.offered")}</p>}
        <Acts row={row} />
      </header>
      {row.state === "reading" && row.is_mine && <RereadForm row={row} />}
      {(isCompleted || (row.state === "arbitration" && row.is_mine)) && <Decision row={row} />}
      {mayManage && !isCompleted && row.state !== "void" && <GiveUp row={row} />}
    </>
  );
}

export function RereadPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const { id } = useParams({ from: "/rescreening/$id" });
  const found = useQuery(rereadQuery(id));
  return (
    <div className="case-page reread">
      <title>{`${t("quality.title")} · ${t("app.name")}`}</title>
      <InHeader>
        <PurposeChip />
      </InHeader>
      <p className="crumb">
        <Link to="/rescreening" search={{ list: "to_read" }}>
          {t("quality.title")}
        </Link>
      </p>
      {found.error && !found.data && (
        <div className="blank" role="alert">
          <p>{problemText(found.error)}</p>
          <Button icon="retry" onPress={() => void found.refetch()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {found.data && <Shown row={found.data} />}
    </div>
  );
}
