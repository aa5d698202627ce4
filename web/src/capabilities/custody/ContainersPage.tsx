/** Racks, boxes, cabinets: what they lie in, and what lies in them. */
import "./custody.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addContainer, containerCodeUrl, containerQuery, containersQuery, CUSTODY, putIn, takeOut } from "../../api/custody";
import type { ContainerDetail, ContainerKind } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Wrong } from "../../shell/Wrong";
import { Button, Dialog, Select, TextField } from "../../ui/controls";
import { usePermission } from "../access/me";
import { Chain } from "./Chain";
import { CustodyNav } from "./CustodyNav";
import { useCustodyWords } from "./words";

const KINDS: readonly ContainerKind[] = ["rack", "tray", "box", "drawer", "cabinet", "fridge", "room"];

function NewContainer({ onMade }: { onMade: (made: ContainerDetail) => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [kind, setKind] = useState<ContainerKind>("rack");
  const [name, setName] = useState("");
  const [slots, setSlots] = useState("0");
  const adding = useMutation({ mutationFn: () => addContainer(kind, name, Number(slots) || 0), onSuccess: onMade });
  return (
    <form
      className="custody-form"
      onSubmit={(event) => {
        event.preventDefault();
        adding.mutate();
      }}
    >
      <Select<ContainerKind> label={t("custody.container.kind")} value={kind} options={KINDS.map((value) => ({ value, text: t(`custody.container.${value}`) }))} onChange={setKind} />
      <TextField label={t("custody.container.name")} value={name} onChange={setName} maxLength={80} required autoFocus />
      <TextField label={t("custody.container.slots")} hint={t("custody.container.slotsHint")} value={slots} onChange={setSlots} type="number" min={0} max={1000} />
      {adding.error && (
        <p role="alert" className="wrong">
          {problemText(adding.error)}
        </p>
      )}
      <Button type="submit" look="primary" isPending={adding.isPending} isDisabled={name.trim() === ""}>
        {t("custody.container.add")}
      </Button>
    </form>
  );
}

function Detail({ code }: { code: string }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const words = useCustodyWords();
  const problemText = useProblemText();
  const mayScan = usePermission("custody.scan");
  const { data: shown, error } = useQuery({ ...containerQuery(code), retry: false });
  const [typed, setTyped] = useState("");
  const [slot, setSlot] = useState("");
  const refresh = () => client.invalidateQueries({ queryKey: [CUSTODY] });
  const putting = useMutation({ mutationFn: () => putIn(code, typed.trim(), slot === "" ? null : Number(slot)), onSuccess: () => { setTyped(""); setSlot(""); }, onSettled: refresh });
  const taking = useMutation({ mutationFn: (what: string) => takeOut(code, what), onSettled: refresh });
  const wrong = putting.error ?? taking.error;
  if (error)
    return (
      <p role="alert" className="wrong">
        {problemText(error)}
      </p>
    );
  if (!shown) return null;
  return (
    <>
      <div className="container-head">
        <div>
          <h2>{shown.name}</h2>
          <p>
            {t(`custody.container.${shown.kind}`)} <span className="figures">{shown.code}</span>
            {shown.slots > 0 && ` · ${t("custody.container.filled", { lying: shown.lying, slots: shown.slots })}`}
          </p>
        </div>
        <a href={containerCodeUrl(shown.code)} target="_blank" rel="noreferrer">
          <img className="container-code" src={containerCodeUrl(shown.code)} alt={t("custody.container.code", { code: shown.code })} />
        </a>
      </div>
      {mayScan && (
        <form
          className="scan-form in-line"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() !== "") putting.mutate();
          }}
        >
          <TextField label={t("custody.container.putIn")} value={typed} onChange={setTyped} maxLength={200} autoComplete="off" spellCheck={false} />
          {shown.slots > 0 && <TextField label={t("custody.container.slot")} value={slot} onChange={setSlot} type="number" min={1} max={shown.slots} />}
          <Button type="submit" look="primary">
            {t("custody.container.put")}
          </Button>
        </form>
      )}
      {wrong && (
        <p role="alert" className="wrong">
          {problemText(wrong)}
        </p>
      )}
      {shown.contents.length === 0 && <p className="second">{t("custody.container.empty")}</p>}
      <ul className="contents" aria-label={t("custody.container.contents")}>
        {shown.contents.map((each) => (
          <li key={each.code}>
            <span className="figures slot">{each.slot}</span>
            <span>{words.kind(each.kind)}</span>
            <span className="figures">{each.code}</span>
            <span>{each.name}</span>
            <span className="second">{t("custody.where.since", { person: each.person, at: dateTime(each.since) })}</span>
            {mayScan && (
              <Button look="quiet" needsServer isPending={taking.isPending} onPress={() => { taking.mutate(each.code); }}>
                {t("custody.container.take")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Chain code={shown.code} />
    </>
  );
}

export function ContainersPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const words = useCustodyWords();
  const { code } = useSearch({ from: "/containers" });
  const mayScan = usePermission("custody.scan");
  const { data, error } = useQuery(containersQuery);
  const [isAdding, setAdding] = useState(false);
  const choose = (wanted: string) => void navigate({ to: "/containers", search: { code: wanted }, replace: true });
  return (
    <div className="custody-page">
      <title>{`${t("custody.containers")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("custody.containers")}</h1>
      <div className="toolbar">
        <CustodyNav />
        <span className="spring" />
        {mayScan && (
          <Button icon="plus" onPress={() => { setAdding(true); }}>
            {t("custody.container.add")}
          </Button>
        )}
      </div>
      <div className="custody-columns containers">
        <div>
          <Wrong error={error} />
          {data?.length === 0 && <p className="blank">{t("custody.containers.none")}</p>}
          <ul>
            {data?.map((each) => (
              <li key={each.code}>
                <button type="button" className="waiting-row" aria-pressed={each.code === code} onClick={() => { choose(each.code); }}>
                  <span className="name">{each.name}</span>
                  <span className="second">
                    {t(`custody.container.${each.kind}`)} · <span className="figures">{each.code}</span>
                  </span>
                  <span className="second">{words.path(each.path)}</span>
                  <span className="figures">{each.slots > 0 ? t("custody.container.filled", { lying: each.lying, slots: each.slots }) : each.lying}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
        <div>{code === undefined ? data && data.length > 0 && <p className="blank">{t("custody.containers.choose")}</p> : <Detail key={code} code={code} />}</div>
      </div>
      <Dialog title={t("custody.container.add")} isOpen={isAdding} onClose={() => { setAdding(false); }}>
        <NewContainer
          onMade={(made) => {
            setAdding(false);
            void client.invalidateQueries({ queryKey: [CUSTODY] });
            choose(made.code);
          }}
        />
      </Dialog>
    </div>
  );
}
