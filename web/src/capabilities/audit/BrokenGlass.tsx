/** Slides that were opened in an emergency, each to be reviewed by somebody else. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listGlass, reviewGlass } from "../../api/audit";
import type { Glass, Verdict } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { useMe } from "../access/me";
import type { Change } from "./FilterBar";
import { Remark } from "./Remark";

const VERDICTS: Verdict[] = ["justified", "not_justified"];

function Card({ glass, change }: { glass: Glass; change: Change }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const me = useMe().data?.person_id;
  const review = useMutation({
    mutationFn: ({ verdict, remark }: { verdict: Verdict; remark: string }) => reviewGlass(glass.id, verdict, remark),
    onSuccess: () => client.invalidateQueries({ queryKey: ["audit", "glass"] }),
  });
  return (
    <li className={`audit-card${glass.verdict ? " closed" : ""}`}>
      <h3>
        <Icon name={glass.verdict === "justified" ? "check" : "warning"} />
        {glass.image_name}
      </h3>
      <p>
        <strong>{glass.person_name}</strong> <span className="second">{dateTime(glass.broken_at)}</span>
      </p>
      <p>
        <q>{glass.reason}</q>
      </p>
      <Button onPress={() => { change({ tab: undefined, target: `image/${glass.image_id}`, entry: undefined }); }}>{t("audit.followSlide")}</Button>
      {glass.verdict ? (
        <p className="second">
          {t("audit.glass.reviewed", {
            verdict: t(`audit.verdict.${glass.verdict}`),
            name: glass.reviewed_by ?? "",
            at: glass.reviewed_at ? dateTime(glass.reviewed_at) : "",
          })}
          {glass.remark && <q>{glass.remark}</q>}
        </p>
      ) : glass.person_id === me ? (
        <p className="second">{t("audit.glass.own")}</p>
      ) : (
        <Remark
          label={t("audit.glass.remark", { name: glass.image_name })}
          actions={VERDICTS.map((verdict) => ({
            text: t(`audit.verdict.${verdict}`),
            run: (remark) => { review.mutate({ verdict, remark }); },
          }))}
          error={review.error}
          busy={review.isPending}
        />
      )}
    </li>
  );
}

export function BrokenGlass({ change }: { change: Change }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [which, setWhich] = useState<"open" | "all">("open");
  const found = useQuery({ queryKey: ["audit", "glass", which], queryFn: ({ signal }) => listGlass(which === "open", signal) });
  return (
    <div className="audit-cards">
      <div className="toolbar">
        <Select
          label={t("audit.glass.which")}
          value={which}
          options={(["open", "all"] as const).map((value) => ({ value, text: t(`audit.glass.${value}`) }))}
          onChange={setWhich}
        />
        <span className="second">{t("audit.glass.what")}</span>
      </div>
      {found.error && (
        <div className="blank" role="alert">
          <p>{problemText(found.error)}</p>
          <Button icon="retry" onPress={() => void found.refetch()}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {found.data?.length === 0 && <p className="blank">{t(which === "open" ? "audit.glass.noneOpen" : "audit.glass.none")}</p>}
      <ul>
        {found.data?.map((glass) => (
          <Card key={glass.id} glass={glass} change={change} />
        ))}
      </ul>
    </div>
  );
}
