/** Which case a slide belongs to, how it is linked by hand, and what its file says of the patient beside the case. */
import "./cases.css";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { compareImage, linkImage, takeOver, unlinkImage } from "../../api/cases";
import type { FieldCompared } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, TextField } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { usePermission } from "../access/me";
import { CaseWork } from "../orders/CaseWork";
import { useImageCase } from "./CaseIdentity";

const MARKS = { agrees: "check", differs: "warning", only_file: "plus", only_case: "minus", empty: "minus" } as const;

function useChanged(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => Promise.all(["image-case", "case", "cases", "case-queues", "case-events"].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

function Fields({ fields }: { fields: readonly FieldCompared[] }) {
  const { t } = useTranslation();
  const said = ({ field, in_file: file }: FieldCompared) => (field === "sex" && (file === "male" || file === "female") ? t(`cases.sex.${file}`) : file);
  const known = ({ field, in_case: value }: FieldCompared) => (field === "sex" && ["male", "female", "other"].includes(value) ? t(`cases.sex.${value as "male"}`) : value);
  return (
    <table className="compared">
      <thead>
        <tr>
          <th />
          <th>{t("cases.compare.file")}</th>
          <th>{t("cases.compare.case")}</th>
          <th>{t("cases.compare.result")}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((one) => (
          <tr key={one.field} className={one.agreement}>
            <th scope="row">{t(`cases.compare.field.${one.field}`)}</th>
            <td>{said(one)}</td>
            <td>{known(one)}</td>
            <td>
              <Icon name={MARKS[one.agreement]} /> {t(`cases.compare.${one.agreement}`)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Comparison({ id }: { id: string }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const mayTake = usePermission("cases.take_over_patient");
  const changed = useChanged();
  const comparing = useMutation({ mutationFn: () => compareImage(id) });
  const taking = useMutation({ mutationFn: (fields: FieldCompared["field"][]) => takeOver(id, fields), onSuccess: changed });
  const fields = taking.data ?? comparing.data;
  const offered = fields?.filter((one) => one.may_take_over).map((one) => one.field) ?? [];
  const error = comparing.error ?? taking.error;
  return (
    <>
      {fields ? (
        <div aria-live="polite">
          <Fields fields={fields} />
          {mayTake && offered.length > 0 && (
            <Button isPending={taking.isPending} onPress={() => { taking.mutate(offered); }}>
              {t("cases.compare.take", { fields: offered.map((one) => t(`cases.compare.field.${one}`)).join(", ") })}
            </Button>
          )}
        </div>
      ) : (
        <Button isPending={comparing.isPending} onPress={() => { comparing.mutate(); }}>
          {t("cases.compare.show")}
        </Button>
      )}
      {error && <p role="alert">{problemText(error)}</p>}
    </>
  );
}

export function ImageCaseSection({ id, hasClinical }: { id: string; hasClinical: boolean }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const mayProcess = usePermission("cases.process");
  const mayKnow = usePermission("cases.view_patient");
  const mayReadFile = usePermission("slides.view_clinical");
  const mayCompare = mayKnow && mayReadFile;
  const linked = useImageCase(id);
  const changed = useChanged();
  const [identifier, setIdentifier] = useState("");
  const [reason, setReason] = useState<string | null>(null);
  const linking = useMutation({ mutationFn: () => linkImage(id, identifier), onSuccess: changed });
  const unlinking = useMutation({
    mutationFn: (why: string) => unlinkImage(id, why),
    onSuccess: () => {
      setReason(null);
      return changed();
    },
  });
  if (!linked) return null;
  const error = linking.error ?? unlinking.error;
  const at = linked.case?.material.find((piece) => piece.image_ids.includes(id))?.id;
  return (
    <>
    <section className="block image-case">
      <h3>{t("cases.title")}</h3>
      {linked.case ? (
        <>
          <p>
            <Link to="/cases/$id" params={{ id: linked.case.id }} search={{ queue: "open" }} className="figures">
              {linked.identifier}
            </Link>
          </p>
          {hasClinical && mayCompare && !linked.case.patient_withheld && <Comparison id={id} />}
          {mayProcess && reason === null && (
            <Button look="quiet" onPress={() => { setReason(""); }}>
              {t("cases.unlink")}
            </Button>
          )}
          {reason !== null && (
            <>
              <TextField label={t("cases.reason")} value={reason} onChange={setReason} maxLength={500} autoFocus />
              <Button isPending={unlinking.isPending} isDisabled={reason.trim() === ""} onPress={() => { unlinking.mutate(reason); }}>
                {t("cases.unlink")}
              </Button>
            </>
          )}
        </>
      ) : (
        <>
          <p className="second">{linked.claim === "waiting" && linked.claimed ? t("cases.claim.waiting", { identifier: linked.claimed }) : linked.claim === "contradictory" ? t("cases.claim.contradictory") : t("cases.unlinked")}</p>
          {mayProcess && (
            <form
              className="link-form"
              onSubmit={(event) => {
                event.preventDefault();
                linking.mutate();
              }}
            >
              <TextField label={t("cases.link.identifier")} hint={t("cases.link.hint")} value={identifier} onChange={setIdentifier} maxLength={100} autoComplete="off" spellCheck={false} required />
              <Button type="submit" isPending={linking.isPending}>
                {t("cases.link")}
              </Button>
            </form>
          )}
        </>
      )}
      {error && <p role="alert">{problemText(error)}</p>}
    </section>
    {linked.case && <CaseWork key={`work ${linked.case.id}`} shown={linked.case} heading="h3" at={at} />}
    </>
  );
}
