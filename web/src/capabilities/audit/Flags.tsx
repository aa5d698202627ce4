/** What rules found unusual. Every flag says by which numbers; nothing here is a verdict. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { acknowledgeFlag, listFlags } from "../../api/audit";
import type { AuditFlag } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { useMe, usePermission } from "../access/me";
import type { Change } from "./FilterBar";
import { Remark } from "./Remark";
import { useWords } from "./words";

const MOST = 200;

function useReason(): (flag: AuditFlag) => string {
  const { t } = useTranslation();
  const { figure } = useFormats();
  const words = useWords();
  return ({ kind, count, numbers, about }) => {
    const value = (name: string) => (typeof numbers[name] === "number" ? figure(numbers[name]) : String(numbers[name] ?? ""));
    switch (kind) {
      case "volume":
        return "median" in numbers
          ? t("audit.flag.volume.why", { count, median: value("median"), mad: value("mad"), days: value("days"), threshold: value("threshold") })
          : t("audit.flag.volume.new", { count, days: value("days"), threshold: value("threshold") });
      case "off_hours":
        return t("audit.flag.off_hours.why", { count, from: value("from"), to: value("to") });
      case "glass":
        return t("audit.flag.glass.why", { slide: words.target(about, {}) });
      case "refusals":
        return t("audit.flag.refusals.why", { count, targets: value("targets") });
      case "unrelated":
        return t("audit.flag.unrelated.why", { count, organisation: about });
      case "exports":
        return t("audit.flag.exports.why", { count, minutes: value("minutes") });
    }
  };
}

function Card({ flag, change }: { flag: AuditFlag; change: Change }) {
  const { t } = useTranslation();
  const { date, dateTime } = useFormats();
  const words = useWords();
  const reason = useReason();
  const client = useQueryClient();
  const mayReview = usePermission("audit.review");
  const me = useMe().data?.person_id;
  const say = useMutation({
    mutationFn: (remark: string) => acknowledgeFlag(flag.id, remark),
    onSuccess: () => client.invalidateQueries({ queryKey: ["audit", "flags"] }),
  });
  const who = words.person(flag.person, { [flag.person]: flag.name });
  return (
    <li className={`audit-card${flag.acknowledged_at ? " closed" : ""}`}>
      <h3>
        <Icon name={flag.acknowledged_at ? "check" : "warning"} />
        {t(`audit.flag.${flag.kind}`)}
      </h3>
      <p>
        <strong>{who}</strong> <span className="second">{`${flag.organisation} · ${date(flag.first_at)}`}</span>
      </p>
      <p>{reason(flag)}</p>
      <Button onPress={() => { change({ tab: undefined, flag: flag.id, entry: undefined }); }}>{t("audit.flag.entries")}</Button>
      {flag.acknowledged_at ? (
        <p className="second">
          {t("audit.flag.acknowledged", {
            name: words.person(flag.acknowledged_by, { [flag.acknowledged_by ?? ""]: flag.acknowledged_by_name }),
            at: dateTime(flag.acknowledged_at),
          })}
          <q>{flag.remark}</q>
        </p>
      ) : (
        mayReview && flag.person !== me && (
          <Remark
            label={t("audit.flag.remark", { name: who })}
            actions={[{ text: t("audit.flag.acknowledge"), run: (remark) => { say.mutate(remark); } }]}
            error={say.error}
            busy={say.isPending}
            required
          />
        )
      )}
    </li>
  );
}

export function Flags({ change }: { change: Change }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [which, setWhich] = useState<"open" | "all">("open");
  const found = useQuery({
    queryKey: ["audit", "flags", which],
    queryFn: ({ signal }) => listFlags(which === "open", 0, MOST, signal),
  });
  return (
    <div className="audit-cards">
      <div className="toolbar">
        <Select
          label={t("audit.flags.which")}
          value={which}
          options={(["open", "all"] as const).map((value) => ({ value, text: t(`audit.flags.${value}`) }))}
          onChange={setWhich}
        />
        <span className="second">{t("audit.flags.what")}</span>
      </div>
      {found.error && (
        <div className="blank" role="alert">
          <p>{problemText(found.error)}</p>
          <Button icon="retry" onPress={() => void found.refetch()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {found.data?.length === 0 && <p className="blank">{t(which === "open" ? "audit.flags.noneOpen" : "audit.flags.none")}</p>}
      <ul>
        {found.data?.map((flag) => (
          <Card key={flag.id} flag={flag} change={change} />
        ))}
      </ul>
      {found.data?.length === MOST && <p className="second rows-end">{t("audit.flags.more", { count: MOST })}</p>}
    </div>
  );
}
