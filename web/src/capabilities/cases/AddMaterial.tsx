/** Material that comes later than the rest of a case: a part, a block or smear of a part, a slide of a block. */
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { addMaterial, addSmear } from "../../api/cases";
import type { CaseDetail, MaterialShown } from "../../api/types";
import { Wrong } from "../../shell/Wrong";
import { Button, TextField } from "../../ui/controls";
import { useChangedCase } from "./use_cases";

interface AskProps {
  label: string;
  isPending: boolean;
  onSave: () => void;
  onCancel: () => void;
  children: ReactNode;
}

function Ask({ label, isPending, onSave, onCancel, children }: AskProps) {
  const { t } = useTranslation();
  return (
    <form
      className="move"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSave();
      }}
    >
      {children}
      <Button type="submit" look="primary" isPending={isPending}>
        {t("action.save")}
      </Button>
      <Button look="quiet" onPress={onCancel}>
        {t("action.cancel")}
      </Button>
    </form>
  );
}

interface AddPieceProps {
  caseId: string;
  parent: Pick<MaterialShown, "id" | "kind">;
  onAdded?: (now: CaseDetail) => void;
}

/** Another block or smear of a part, or another slide of a block; slides with their stain. */
export function AddPiece({ caseId, parent, onAdded }: AddPieceProps) {
  const { t } = useTranslation();
  const changed = useChangedCase();
  const [stain, setStain] = useState<string | null>(null);
  /** Whoever was asked for a stain has the focus where they began. */
  const [wasAsked, setAsked] = useState(false);
  const isBlock = parent.kind === "block";
  const slide = t(isBlock ? "cases.add.slide" : "cases.add.smear");
  const adding = useMutation({
    mutationFn: (of: string | null) => (of !== null && !isBlock ? addSmear(caseId, parent.id, of) : addMaterial(caseId, parent.id, of ?? "")),
    onSuccess: (now) => {
      setStain(null);
      onAdded?.(now);
      return changed(now);
    },
  });
  return (
    <div className="move">
      {stain === null ? (
        <>
          {!isBlock && (
            <Button look="quiet" icon="plus" isPending={adding.isPending} onPress={() => { adding.mutate(null); }}>
              {t("cases.add.block")}
            </Button>
          )}
          <Button
            look="quiet"
            icon="plus"
            isPending={adding.isPending}
            autoFocus={wasAsked}
            onPress={() => {
              setAsked(true);
              adding.reset();
              setStain(isBlock ? "H&E" : "Pap");
            }}
          >
            {slide}
          </Button>
        </>
      ) : (
        <Ask label={slide} isPending={adding.isPending} onSave={() => { adding.mutate(stain); }} onCancel={() => { setStain(null); adding.reset(); }}>
          <TextField label={t("cases.add.stain")} value={stain} onChange={setStain} maxLength={200} autoFocus />
        </Ask>
      )}
      <Wrong error={adding.error} />
    </div>
  );
}

const NOTHING = { organ: "", description: "" };

export function AddPart({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const changed = useChangedCase();
  const [part, setPart] = useState<typeof NOTHING | null>(null);
  const [wasAsked, setAsked] = useState(false);
  const adding = useMutation({
    mutationFn: ({ organ, description }: typeof NOTHING) => addMaterial(caseId, null, description, organ),
    onSuccess: (now) => {
      setPart(null);
      return changed(now);
    },
  });
  if (part === null) {
    return (
      <Button
        look="quiet"
        icon="plus"
        autoFocus={wasAsked}
        onPress={() => {
          setAsked(true);
          setPart(NOTHING);
        }}
      >
        {t("cases.add.part")}
      </Button>
    );
  }
  const { organ, description } = part;
  return (
    <Ask label={t("cases.add.part")} isPending={adding.isPending} onSave={() => { adding.mutate(part); }} onCancel={() => { setPart(null); adding.reset(); }}>
      <TextField label={t("accession.organ")} value={organ} onChange={(next) => { setPart({ ...part, organ: next }); }} maxLength={200} required={description === ""} autoFocus />
      <TextField label={t("accession.description")} value={description} onChange={(next) => { setPart({ ...part, description: next }); }} maxLength={200} />
      <Wrong error={adding.error} />
    </Ask>
  );
}
