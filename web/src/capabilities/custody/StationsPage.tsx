/** Which stations there are: said by whoever manages them. */
import "./custody.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addPoint, allPointsQuery, changePoint, CUSTODY } from "../../api/custody";
import type { CustodyPoint, CustodyStep } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Wrong } from "../../shell/Wrong";
import { Button, Select, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { CustodyNav } from "./CustodyNav";

const STEPS: readonly CustodyStep[] = ["receive", "gross", "process", "embed", "cut", "stain", "coverslip", "check", "rack", "scan", "file", "loans", "discard", "place"];

function NewStation() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [name, setName] = useState("");
  const [room, setRoom] = useState("");
  const [step, setStep] = useState<CustodyStep>("receive");
  const adding = useMutation({
    mutationFn: () => addPoint(name, room, step),
    onSuccess: () => { setName(""); },
    onSettled: () => client.invalidateQueries({ queryKey: [CUSTODY] }),
  });
  return (
    <form
      className="custody-form in-line"
      onSubmit={(event) => {
        event.preventDefault();
        adding.mutate();
      }}
    >
      <TextField label={t("custody.station.name")} value={name} onChange={setName} maxLength={80} required />
      <TextField label={t("custody.station.room")} value={room} onChange={setRoom} maxLength={80} />
      <Select<CustodyStep> label={t("custody.station.step")} value={step} options={STEPS.map((value) => ({ value, text: t(`custody.step.${value}`) }))} onChange={setStep} />
      <Button type="submit" look="primary" isPending={adding.isPending} isDisabled={name.trim() === ""}>
        {t("custody.station.add")}
      </Button>
      {adding.error && (
        <p role="alert" className="wrong">
          {problemText(adding.error)}
        </p>
      )}
    </form>
  );
}

function StationRow({ point }: { point: CustodyPoint }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [name, setName] = useState(point.name);
  const [room, setRoom] = useState(point.room);
  const changing = useMutation({
    mutationFn: (change: Parameters<typeof changePoint>[1]) => changePoint(point.id, change),
    onSettled: () => client.invalidateQueries({ queryKey: [CUSTODY] }),
  });
  return (
    <li className={point.is_active ? "" : "over"}>
      <form
        className="custody-form in-line"
        onSubmit={(event) => {
          event.preventDefault();
          changing.mutate({ name, room });
        }}
      >
        <span className="name">{t(`custody.step.${point.step}`)}</span>
        <TextField label={t("custody.station.name")} hidden value={name} onChange={setName} maxLength={80} required />
        <TextField label={t("custody.station.room")} hidden value={room} onChange={setRoom} maxLength={80} />
        <Button type="submit" isPending={changing.isPending} isDisabled={name === point.name && room === point.room}>
          {t("action.save")}
        </Button>
        <Button look="quiet" needsServer isPending={changing.isPending} onPress={() => { changing.mutate({ is_active: !point.is_active }); }}>
          {t(point.is_active ? "custody.station.retire" : "custody.station.use")}
        </Button>
      </form>
      {changing.error && (
        <p role="alert" className="wrong">
          {problemText(changing.error)}
        </p>
      )}
    </li>
  );
}

export function StationsPage() {
  const { t } = useTranslation();
  const mayManage = usePermission("custody.manage");
  const { data, error } = useQuery({ ...allPointsQuery, enabled: mayManage });
  if (!mayManage) return <p className="blank">{t("custody.stations.notYours")}</p>;
  return (
    <div className="custody-page">
      <title>{`${t("custody.stations")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("custody.stations")}</h1>
      <div className="toolbar">
        <CustodyNav />
      </div>
      <section className="custody-section stations">
        <h2>{t("custody.stations")}</h2>
        <p className="second">{t("custody.stations.hint")}</p>
        <NewStation />
        <Wrong error={error} />
        <ul>
          {data?.map((point) => <StationRow key={point.id} point={point} />)}
        </ul>
      </section>
    </div>
  );
}
