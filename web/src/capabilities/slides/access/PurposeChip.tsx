import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { readPurposes } from "../../../api/slides";
import { Select } from "../../../ui/controls";
import { usePurpose } from "./purpose";

const purposesQuery = queryOptions({ queryKey: ["purposes"], queryFn: ({ signal }) => readPurposes(signal), staleTime: 60_000 });

/** Says why one looks, and lets one say otherwise; what is listed and opened follows. */
export function PurposeChip() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { purpose, setPurpose } = usePurpose();
  const { data: purposes } = useQuery(purposesQuery);
  const first = purposes?.[0];
  const isLost = purpose !== null && purposes !== undefined && !purposes.includes(purpose);
  useEffect(() => {
    // Somebody else signed in here, or lost a role.
    if (isLost && first !== undefined) setPurpose(first);
  }, [isLost, first, setPurpose]);
  if (purposes === undefined || first === undefined) return null;
  return (
    <Select
      label={t("purpose.label")}
      value={purpose ?? first}
      options={purposes.map((value) => ({ value, text: t(`purpose.${value}`) }))}
      onChange={(wanted) => {
        setPurpose(wanted);
        void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "purposes" });
      }}
    />
  );
}
