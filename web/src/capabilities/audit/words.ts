/** The log in words for people. */
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../api/types";
import type { MessageKey } from "../../i18n/messages";
import { isKnown } from "../../i18n/known";

type ActionKey = Extract<MessageKey, `audit.action.${string}`>;
type KindKey = Extract<MessageKey, `audit.kind.${string}`>;
type RoleKey = Extract<MessageKey, `role.${string}`>;
type KnownPurpose = Extract<MessageKey, `purpose.${string}`>;

/** Short form of an identifier, which nobody reads to its end. */
export const short = (id: string) => (id.length > 12 ? `${id.slice(0, 10)}…` : id);

export function useWords() {
  const { t } = useTranslation();
  const target = (of: string, names: Record<string, string | null>) => {
    const [kind = "", id = ""] = of.split("/", 2);
    if (!of) return "";
    if (kind === "person") return names[id] ?? t("audit.unnamed", { id: short(id) });
    if (kind === "image") return t("audit.slideNumbered", { id: short(id) });
    const key = `audit.kind.${kind}`;
    return isKnown<KindKey>(key) ? t(key, { id: short(id) }) : of;
  };
  return {
    action: (action: string) => {
      const key = `audit.action.${action}`;
      return isKnown<ActionKey>(key) ? t(key) : action;
    },
    purpose: (purpose: string) => {
      const key = `purpose.${purpose}`;
      return isKnown<KnownPurpose>(key) ? t(key) : purpose;
    },
    /** What somebody is called; of whom nothing is told any more, the identifier. */
    person: (person: string | null, names: Record<string, string | null>, action = "") => {
      if (person === null) return t(action === "access.sign_in" ? "audit.nobody" : "audit.node");
      return names[person] ?? t("audit.unnamed", { id: short(person) });
    },
    target,
    /** What an entry was done to; of several, how many. */
    targetOf: (entry: AuditEntry, names: Record<string, string | null>) => {
      const { images, cases } = entry.detail;
      if (entry.target) return target(entry.target, names);
      if (Array.isArray(images)) return t("audit.several.images", { count: images.length });
      return Array.isArray(cases) ? t("audit.several.cases", { count: cases.length }) : "";
    },
    roles: (roles: readonly string[]) =>
      roles
        .map((role) => {
          const key = `role.${role}`;
          return isKnown<RoleKey>(key) ? t(key) : role;
        })
        .join(t("people.comma")),
  };
}
