import { useTranslation } from "react-i18next";
import type { Transform } from "../../api/types";
import { THIN_SPACE, useFormats } from "../../i18n/format";
import type { Source } from "./lying";

export function useRegistrationWords() {
  const { t } = useTranslation();
  const formats = useFormats();
  // Always in um: a residual is read against the size of cells.
  const residual = (um: number) => `${formats.figure(um)}${THIN_SPACE}µm`;
  const transform = ({ method, landmarks, residual_um, created_by, created_at, kind }: Transform) => {
    const what = t(`registration.kind.${kind}`);
    const who = { kind: what, name: created_by.name, date: formats.dateTime(created_at) };
    if (method !== "landmarks") return t("registration.byMethod", { ...who, method });
    return t("registration.byLandmarks", { ...who, count: landmarks.length, residual: residual(residual_um ?? 0) });
  };
  const source = (lies: Source | null) => {
    if (!lies) return t("registration.byHand");
    if (lies.by === "chain") return t("registration.byChain");
    if (lies.by === "transform") return transform(lies.transform) + (lies.transform.stale ? ` · ${t("registration.stale")}` : "");
    return t("registration.byFit", { kind: t(`registration.kind.${lies.fit.kind}`), count: lies.pairs, residual: residual(lies.fit.rms) });
  };
  return { residual, transform, source };
}
