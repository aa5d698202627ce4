/** What was marked on two slides, how well a transform takes the one to the other, and the way to keep it. */
import "./registration.css";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { removeTransform, saveTransform } from "../../api/registration";
import type { Transform } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button, IconButton, Select } from "../../ui/controls";
import { fewestFor, FIT_KINDS, type Fit } from "../../viewer/compare/fit";
import type { Landmark } from "../../viewer/compare/landmarks";
import { usePermission } from "../access/me";
import { forgetDraft, type Marking } from "./use_landmarks";
import type { Tried } from "./use_lying";
import { useRegistrationWords } from "./words";

interface LandmarkPanelProps {
  marking: Marking | null;
  from: { id: string; name: string };
  to: { id: string; name: string } | null;
  saved: Transform | null;
  /** Whether both slides say how large they are. */
  comparable: boolean;
  onTry: (tried: Tried | null) => void;
  onGo: (landmark: Landmark) => void;
  onClose: () => void;
}

export function LandmarkPanel({ marking, from, to, saved, comparable, onTry, onGo, onClose }: LandmarkPanelProps) {
  const { t } = useTranslation();
  return (
    <aside className="panel landmark-panel" aria-label={t("landmarks.title")}>
      <header>
        <h2>{t("landmarks.title")}</h2>
        <IconButton icon="close" label={t("action.close")} onPress={onClose} />
      </header>
      {!to && <p className="blank">{t("landmarks.needTwo")}</p>}
      {to && !comparable && <p className="notice warn">{t("compare.noScale")}</p>}
      {to && marking && comparable && <Marked marking={marking} from={from} to={to} saved={saved} onTry={onTry} onGo={onGo} />}
    </aside>
  );
}

type MarkedProps = Pick<LandmarkPanelProps, "from" | "saved" | "onTry" | "onGo"> & { marking: Marking; to: { id: string; name: string } };

function Marked({ marking, from, to, saved, onTry, onGo }: MarkedProps) {
  const { t } = useTranslation();
  const { landmarks, list, kind, setKind, fit, markMiddle } = marking;
  const isFit = typeof fit !== "string";
  const align = () => {
    if (isFit) onTry({ from: from.id, to: to.id, fit, pairs: landmarks.pairs.length });
  };
  return (
    <>
      <section className="block">
        <p>{t("landmarks.between", { from: from.name, to: to.name })}</p>
        <p className="second">{t("landmarks.how")}</p>
        <div className="landmark-actions">
          <Button icon="plus" onPress={markMiddle}>{t("landmarks.middle")}</Button>
          <IconButton icon="undo" label={t("landmarks.undo")} keys="Ctrl + Z" isDisabled={!landmarks.canUndo} onPress={() => { landmarks.undo(); }} />
          <IconButton icon="redo" label={t("landmarks.redo")} keys="Ctrl + Shift + Z" isDisabled={!landmarks.canRedo} onPress={() => { landmarks.redo(); }} />
          <IconButton icon="bin" label={t("landmarks.clear")} isDisabled={list.length === 0} onPress={() => { landmarks.clear(); }} />
        </div>
        <List marking={marking} names={{ start: from.name, end: to.name }} onGo={onGo} />
      </section>
      <section className="block">
        <Select label={t("landmarks.kind")} value={kind} options={FIT_KINDS.map((value) => ({ value, text: t(`registration.kind.${value}`) }))} onChange={setKind} />
        <p role="status">{isFit ? <Quality fit={fit} pairs={landmarks.pairs.length} /> : t(`landmarks.${fit}`, { count: fewestFor(kind) })}</p>
        <div className="landmark-actions">
          <Button look="primary" isDisabled={!isFit} onPress={align}>{t("landmarks.align")}</Button>
          {isFit && <Save fit={fit} marking={marking} from={from.id} to={to.id} saved={saved} onSaved={() => { onTry(null); }} />}
        </div>
      </section>
      {saved && <Saved saved={saved} onRemoved={() => { onTry(null); }} />}
    </>
  );
}

function List({ marking: { landmarks, list, fit, moveToMiddle }, names, onGo }: { marking: Marking; names: { start: string; end: string }; onGo: (landmark: Landmark) => void }) {
  const { t } = useTranslation();
  const words = useRegistrationWords();
  const residuals = typeof fit === "string" ? [] : fit.residuals;
  let whole = 0;
  return (
    <ol className="landmark-list" aria-label={t("landmarks.title")}>
      {list.map((landmark, index) => {
        const missing = landmark.start ? (landmark.end ? null : "end") : "start";
        const residual = missing ? undefined : residuals[whole++];
        return (
          <li key={index}>
            <Button look="quiet" onPress={() => { onGo(landmark); }}>{t("landmarks.number", { number: index + 1 })}</Button>
            <span className="second">{missing ? t("landmarks.missing", { name: names[missing] }) : residual === undefined ? "" : words.residual(residual)}</span>
            <IconButton icon="target" label={t("landmarks.moveToMiddle", { number: index + 1 })} onPress={() => { moveToMiddle(index); }} />
            <IconButton icon="bin" label={t("landmarks.remove", { number: index + 1 })} onPress={() => { landmarks.remove(index); }} />
          </li>
        );
      })}
    </ol>
  );
}

function Quality({ fit, pairs }: { fit: Fit; pairs: number }) {
  const { t } = useTranslation();
  const words = useRegistrationWords();
  return <>{t(fit.mirrored ? "landmarks.rmsMirrored" : "landmarks.rms", { count: pairs, residual: words.residual(fit.rms) })}</>;
}

interface SaveProps {
  fit: Fit;
  marking: Marking;
  from: string;
  to: string;
  saved: Transform | null;
  onSaved: () => void;
}

function Save({ fit, marking, from, to, saved, onSaved }: SaveProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const mayAlign = usePermission("registration.align");
  const { a, b, c, d, e, f } = fit.matrix;
  const save = useMutation({
    mutationFn: () => {
      const pairs = marking.landmarks.pairs.map(({ start, end }): { start: [number, number]; end: [number, number] } => ({ start: [...start], end: [...end] }));
      return saveTransform(from, to, { kind: fit.kind, matrix: [a, b, c, d, e, f], landmarks: pairs, method: "landmarks", replaces: saved?.id ?? null });
    },
    onSuccess: async () => {
      forgetDraft(from, to);
      await client.invalidateQueries({ queryKey: ["transforms"] });
      onSaved();
    },
    onError: () => void client.invalidateQueries({ queryKey: ["transforms"] }),
  });
  if (!mayAlign) return null;
  return (
    <>
      <Button isPending={save.isPending} onPress={() => { save.mutate(); }}>{t("landmarks.save")}</Button>
      {save.error && <p role="alert" className="notice warn">{problemText(save.error)}</p>}
    </>
  );
}

function Saved({ saved, onRemoved }: { saved: Transform; onRemoved: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const words = useRegistrationWords();
  const mayAlign = usePermission("registration.align");
  const remove = useMutation({
    mutationFn: () => removeTransform(saved.from_image_id, saved.to_image_id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["transforms"] });
      onRemoved();
    },
  });
  return (
    <section className="block">
      <h3>{t("landmarks.saved")}</h3>
      <p>{words.transform(saved)}</p>
      {saved.stale && <p className="notice warn">{t("registration.stale")}</p>}
      {mayAlign && <Button look="quiet" icon="bin" isPending={remove.isPending} onPress={() => { remove.mutate(); }}>{t("landmarks.removeSaved")}</Button>}
      {remove.error && <p role="alert">{problemText(remove.error)}</p>}
    </section>
  );
}
