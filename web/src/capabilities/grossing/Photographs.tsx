/** Photographs of what came in: taken or chosen, each with the scale that somebody read off the ruler in it. */
import "./grossing.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addPhotograph, PHOTOGRAPHS, photographsQuery, photographUrl } from "../../api/grossing";
import type { CaseDetail, PhotographShown } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useProblemText } from "../../shell/problem";
import { Button, Select } from "../../ui/controls";
import { usePermission } from "../access/me";
import { shortOf } from "../cases/CasePreview";
import { PhotographDialog } from "./PhotographDialog";

const KINDS = "image/jpeg,image/png,image/webp";

interface PhotographsProps {
  shown: CaseDetail;
  /** The part or block that one is at; otherwise the first. */
  of?: string;
}

/** Takes a photograph with the camera of the device, or chooses some that there are. */
function AddPhotographs({ shown, of }: PhotographsProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const pieces = shown.material.filter(({ kind }) => kind !== "slide");
  const [piece, setPiece] = useState(of ?? pieces[0]?.id ?? "");
  const adding = useMutation({
    mutationFn: async (files: File[]) => {
      for (const file of files) await addPhotograph(piece, file);
    },
    onSettled: () => Promise.all([[PHOTOGRAPHS, shown.id], ["case-events", shown.id]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  if (pieces.length === 0) return null;
  return (
    <div className="move">
      <Select
        label={t("grossing.of")}
        value={piece}
        options={pieces.map((one) => ({ value: one.id, text: `${t(`cases.kind.${one.kind}`)} ${shortOf(one.identifier)}` }))}
        onChange={setPiece}
      />
      <input
        ref={input}
        id={id}
        className="visually-hidden"
        type="file"
        aria-label={t("grossing.files")}
        accept={KINDS}
        multiple
        tabIndex={-1}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          if (files.length > 0) adding.mutate(files);
        }}
      />
      <Button icon="plus" needsServer isPending={adding.isPending} onPress={() => { input.current?.click(); }}>
        {t(adding.isPending ? "grossing.adding" : "grossing.add")}
      </Button>
      {adding.error && (
        <span role="alert" className="wrong">
          {problemText(adding.error)}
        </span>
      )}
    </div>
  );
}

function Thumbnail({ photograph, onOpen }: { photograph: PhotographShown; onOpen: () => void }) {
  const { t } = useTranslation();
  const { dateTime, figure } = useFormats();
  const label = shortOf(photograph.identifier);
  if (photograph.wrong_because !== null)
    return (
      <li className="photograph withdrawn">
        <span className="figures">{label}</span>
        <span className="second">{t("grossing.withdrawn", { why: photograph.wrong_because })}</span>
      </li>
    );
  return (
    <li className="photograph">
      <button type="button" aria-label={t("grossing.open", { label })} onClick={onOpen}>
        <img src={photographUrl(photograph.id, true)} alt="" loading="lazy" />
      </button>
      <span className="figures">{label}</span>
      <span className="second">
        {dateTime(photograph.at)} · {photograph.by}
      </span>
      <span className="second">
        {photograph.um_per_px === null ? t("grossing.noScale") : t("grossing.width", { mm: figure((photograph.width_px * photograph.um_per_px) / 1000) })}
      </span>
    </li>
  );
}

export function Photographs({ shown, ...at }: PhotographsProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const mayProcess = usePermission("cases.process");
  const { data, error } = useQuery(photographsQuery(shown.id));
  const [opened, setOpened] = useState<string | null>(null);
  const one = data?.find(({ id }) => id === opened);
  return (
    <section className="block" aria-label={t("grossing.photographs")}>
      <h2>{t("grossing.photographs")}</h2>
      {mayProcess && <AddPhotographs shown={shown} {...at} />}
      {error && <p className="second">{problemText(error)}</p>}
      {data?.length === 0 && <p className="second">{t("grossing.none")}</p>}
      {data && data.length > 0 && (
        <ul className="photographs">
          {data.map((each) => (
            <Thumbnail key={each.id} photograph={each} onOpen={() => { setOpened(each.id); }} />
          ))}
        </ul>
      )}
      {one && <PhotographDialog key={one.id} photograph={one} mayChange={mayProcess} onClose={() => { setOpened(null); }} />}
    </section>
  );
}
