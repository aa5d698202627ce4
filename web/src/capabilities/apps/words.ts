/** What scopes of apps mean, in words of the person who is asked. */
import { useTranslation } from "react-i18next";
import type { AppScope } from "../../api/types";

const KINDS = {
  "*": "apps.of.everything",
  Patient: "apps.of.Patient",
  ServiceRequest: "apps.of.ServiceRequest",
  Specimen: "apps.of.Specimen",
  Task: "apps.of.Task",
  ImagingStudy: "apps.of.ImagingStudy",
  DiagnosticReport: "apps.of.DiagnosticReport",
  Observation: "apps.of.Observation",
  DocumentReference: "apps.of.DocumentReference",
  Provenance: "apps.of.Provenance",
  Binary: "apps.of.Binary",
} as const;
const PLAIN = {
  launch: "apps.plain.launch",
  "launch/patient": "apps.plain.patient",
  openid: "apps.plain.openid",
  fhirUser: "apps.plain.fhirUser",
  online_access: "apps.plain.online",
  offline_access: "apps.plain.offline",
} as const;
const LEVELS = { patient: "apps.level.patient", user: "apps.level.user", system: "apps.level.system" } as const;

const of = <Key extends string, Value>(table: Record<Key, Value>, key: string): Value | undefined => (Object.hasOwn(table, key) ? table[key as Key] : undefined);

export function useScopeText(): (scope: AppScope) => string {
  const { t } = useTranslation();
  return ({ scope, level, kind, interactions }) => {
    const plain = of(PLAIN, scope);
    if (plain !== undefined) return t(plain);
    const known = of(KINDS, kind ?? "");
    const reads = /[rs]/.test(interactions);
    const writes = /[cud]/.test(interactions);
    return t("apps.scope", {
      acts: t(reads && writes ? "apps.acts.both" : writes ? "apps.acts.create" : "apps.acts.read"),
      what: known === undefined ? (kind ?? scope) : t(known),
      whose: t(of(LEVELS, level ?? "") ?? "apps.level.user"),
    });
  };
}
