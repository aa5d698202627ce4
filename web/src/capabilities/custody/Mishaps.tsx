/** That a piece was lost, found again, or broke; and what is lost. */
import "./custody.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { findPiece, lostQuery, tellMishap } from "../../api/custody";
import type { Mishap, Whereabouts } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { Wrong } from "../../shell/Wrong";
import { Button, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { PriorityMark } from "../cases/CaseRows";
import { useCustodyRefresh } from "./refresh";
import { useWhereCode } from "./where_code";

function Tell({ code, mishap, onClose }: { code: string; mishap: Mishap; onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useCustodyRefresh();
  const [reason, setReason] = useState("");
  const telling = useMutation({
    mutationFn: () => tellMishap(code, mishap, reason),
    onSuccess: async () => {
      // What may be said next is there before the focus goes to it.
      await refresh();
      onClose();
    },
    onError: refresh,
  });
  return (
    <form
      className="custody-form in-line"
      onSubmit={(event) => {
        event.preventDefault();
        telling.mutate();
      }}
    >
      <TextField label={t(`custody.mishap.${mishap}.why`)} hint={t("custody.noPatient")} value={reason} onChange={setReason} maxLength={500} required autoFocus />
      <Button type="submit" look="primary" isPending={telling.isPending} isDisabled={reason.trim() === ""}>
        {t("action.save")}
      </Button>
      <Button look="quiet" onPress={onClose}>
        {t("action.cancel")}
      </Button>
      <Wrong error={telling.error} />
    </form>
  );
}

/** What somebody may say of a piece: that it is lost or broken, or that it was found. */
export function Mishaps({ found }: { found: Whereabouts }) {
  const { t } = useTranslation();
  const mayScan = usePermission("custody.scan");
  const refresh = useCustodyRefresh();
  const [asked, setAsked] = useState<Mishap | null>(null);
  /** Whoever was asked, or told that it was found, has the focus where they go on. */
  const [last, setLast] = useState<Mishap | null>(null);
  const finding = useMutation({ mutationFn: () => findPiece(found.code), onSettled: refresh });
  if (!mayScan || (found.stage !== "lost" && found.mishaps.length === 0)) return null;
  if (asked !== null && found.mishaps.includes(asked)) return <Tell key={`${found.code} ${asked}`} code={found.code} mishap={asked} onClose={() => { setAsked(null); }} />;
  return (
    <div className="actions">
      {found.stage === "lost" && (
        <Button
          look="primary"
          needsServer
          isPending={finding.isPending}
          autoFocus={last !== null}
          onPress={() => {
            setLast("lost");
            finding.mutate();
          }}
        >
          {t("custody.mishap.found")}
        </Button>
      )}
      {found.mishaps.map((mishap) => (
        <Button
          key={mishap}
          needsServer
          autoFocus={mishap === last}
          onPress={() => {
            setLast(mishap);
            setAsked(mishap);
          }}
        >
          {t(`custody.mishap.${mishap}`)}
        </Button>
      ))}
      <Wrong error={finding.error} />
    </div>
  );
}

/** All pieces that are lost. */
export function Lost() {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const { data, error } = useQuery(lostQuery);
  return (
    <section className="custody-section">
      <h2>{t("custody.lost")}</h2>
      <Wrong error={error} />
      {data?.length === 0 && <p className="second">{t("custody.lost.none")}</p>}
      <ul className="gaps">
        {data?.map((row) => (
          <li key={row.code}>
            <button type="button" className="waiting-row" onClick={() => { useWhereCode.setState({ code: row.code }); }}>
              <span className="figures">{row.code}</span>
              <PriorityMark row={row} />
              <span className="second">{row.seen_at !== null && t("custody.lost.told", { person: row.person, at: dateTime(row.seen_at) })}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
