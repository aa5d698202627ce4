/** Asks the laboratory for further work on pieces of a case. */
import "./orders.css";
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { requestWork } from "../../api/orders";
import type { CaseDetail, Priority, WorkKind } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, Check, Dialog, Select, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { shortOf } from "../cases/CasePreview";
import { PRIORITIES } from "../cases/worklist_state";
import { COUNTED, KINDS, meantBy, NAMED, subjectsOf } from "./kinds";
import { StainField } from "./StainField";
import { useWorkChanged } from "./use_work";

interface OrderWorkProps {
  shown: CaseDetail;
  /** The piece that is looked at; its block is chosen at first. */
  at?: string | undefined;
}

export function OrderWork({ shown, at }: OrderWorkProps) {
  const { t } = useTranslation();
  const mayRequest = usePermission("orders.request");
  const [isOpen, setOpen] = useState(false);
  if (!mayRequest || shown.status === "final" || shown.status === "ended") return null;
  return (
    <>
      <Button icon="plus" needsServer onPress={() => { setOpen(true); }}>
        {t("orders.ask")}
      </Button>
      <Dialog title={t("orders.ask.title", { number: shown.number })} isOpen={isOpen} onClose={() => { setOpen(false); }}>
        <Asking shown={shown} at={at} onDone={() => { setOpen(false); }} />
      </Dialog>
    </>
  );
}

function Asking({ shown, at, onDone }: OrderWorkProps & { onDone: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const changed = useWorkChanged();
  const words = useId();
  const [work, setWork] = useState<WorkKind>("ihc");
  const [chosen, setChosen] = useState<readonly string[]>(() => first("ihc"));
  const [stains, setStains] = useState<readonly string[]>([]);
  const [copies, setCopies] = useState("1");
  const [priority, setPriority] = useState<Priority>(shown.priority === "intraoperative" ? "urgent" : shown.priority);
  const [reason, setReason] = useState("");
  const [said, setSaid] = useState("");
  /** What is looked at, or the only piece there is. */
  function first(kind: WorkKind): string[] {
    const pieces = subjectsOf(shown.material, kind);
    const meant = at === undefined ? undefined : meantBy(shown.material, kind, at);
    const only = meant ?? (pieces.length === 1 ? pieces[0]?.id : undefined);
    return only === undefined ? [] : [only];
  }
  const asking = useMutation({
    mutationFn: () =>
      requestWork(shown.id, {
        work,
        subject_ids: [...chosen],
        stains: NAMED.includes(work) ? [...stains] : [],
        copies: COUNTED.includes(work) ? Math.min(20, Math.max(1, Math.trunc(Number(copies)) || 1)) : 1,
        priority,
        reason,
        words: said,
      }),
    onSuccess: async () => {
      await changed();
      onDone();
    },
  });
  const lacks = (chosen.length === 0 && work !== "molecular") || (NAMED.includes(work) && stains.length === 0);
  return (
    <form
      className="form order-work"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (!lacks) asking.mutate();
      }}
    >
      <div className="order-head">
        <Select<WorkKind>
          label={t("orders.kind")}
          value={work}
          options={KINDS.map((value) => ({ value, text: t(`orders.kind.${value}`) }))}
          onChange={(kind) => {
            setWork(kind);
            setChosen(first(kind));
          }}
        />
        <Select<Priority> label={t("worklist.filter.priority")} value={priority} options={PRIORITIES.map((value) => ({ value, text: t(`cases.priority.${value}`) }))} onChange={setPriority} />
      </div>
      <fieldset className="subjects">
        <legend className="label">{t(work === "molecular" ? "orders.onOrCase" : "orders.on")}</legend>
        {subjectsOf(shown.material, work).map((piece) => (
          <Check
            key={piece.id}
            label={[`${t(`cases.kind.${piece.kind}`)} ${shortOf(piece.identifier)}`, piece.organ, piece.description].filter(Boolean).join(", ")}
            checked={chosen.includes(piece.id)}
            onChange={(isChosen) => { setChosen((before) => (isChosen ? [...before, piece.id] : before.filter((one) => one !== piece.id))); }}
          />
        ))}
        {subjectsOf(shown.material, work).length === 0 && <p className="second">{t("orders.nothingToDoOn")}</p>}
      </fieldset>
      {NAMED.includes(work) && <StainField key={work} work={work} field={shown.subspecialty} stains={stains} onChange={setStains} />}
      {COUNTED.includes(work) && <TextField label={t(work === "further_block" ? "orders.blocks" : "orders.copies")} type="number" min={1} max={20} value={copies} onChange={setCopies} />}
      <TextField label={t("orders.reason")} hint={t("orders.reasonHint")} value={reason} onChange={setReason} maxLength={500} />
      <div className="text-field">
        <label htmlFor={words}>{t("orders.words")}</label>
        <textarea id={words} className="input" rows={2} value={said} maxLength={1000} onChange={(event) => { setSaid(event.target.value); }} />
      </div>
      {asking.error && (
        <p role="alert" className="wrong">
          {problemText(asking.error)}
        </p>
      )}
      <div className="actions">
        <Button type="submit" look="primary" isPending={asking.isPending} isDisabled={lacks}>
          {t("orders.submit", { count: Math.max(1, chosen.length) })}
        </Button>
      </div>
    </form>
  );
}
