import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "../../api/types";
import { Check } from "../../ui/controls";
import { usePermission } from "./me";

/** In the order in which a hospital would name them. */
export const ROLES: readonly Role[] = [
  "pathologist",
  "on_call_specialist",
  "junior_pathologist",
  "student",
  "technician",
  "clinician",
  "researcher",
  "model_developer",
  "sponsor_reviewer",
  "quality_manager",
  "administrator",
  "auditor",
  "node_administrator",
];
const OF_THE_NODE: readonly Role[] = ["auditor", "node_administrator"];

interface RoleChecksProps {
  chosen: readonly Role[];
  onChange: (chosen: Role[]) => void;
  /** Roles that an institution's groups gave, which are changed there. */
  fixed?: readonly Role[];
  /** What stands beside a chosen role. */
  beside?: (role: Role) => ReactNode;
}

export function RoleChecks({ chosen, onChange, fixed = [], beside }: RoleChecksProps) {
  const { t } = useTranslation();
  const mayGiveAll = usePermission("access.administer_node");
  return (
    <div className={beside ? "checks single" : "checks"}>
      {ROLES.filter((role) => mayGiveAll || !OF_THE_NODE.includes(role) || chosen.includes(role)).map((role) => (
        <div key={role}>
          <Check
            label={t(`role.${role}`)}
            checked={chosen.includes(role) || fixed.includes(role)}
            disabled={fixed.includes(role) || (!mayGiveAll && OF_THE_NODE.includes(role))}
            onChange={(checked) => {
              onChange(checked ? [...chosen, role] : chosen.filter((each) => each !== role));
            }}
          />
          {chosen.includes(role) && beside?.(role)}
        </div>
      ))}
    </div>
  );
}
