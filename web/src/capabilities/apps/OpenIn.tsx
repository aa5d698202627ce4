import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { launchApp, listLaunchable } from "../../api/apps";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";

/** Opens an app of somebody else beside a patient, where the organisation registered one. */
export function OpenIn({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const apps = useQuery({ queryKey: ["apps-launchable"], queryFn: ({ signal }) => listLaunchable(signal), retry: false });
  const opening = useMutation({
    mutationFn: (id: string) => launchApp(id, patientId),
    onSuccess: ({ continue_at }) => {
      window.open(continue_at, "_blank", "noopener");
    },
  });
  return (
    <>
      {apps.data?.map((each) => (
        <Button key={each.id} needsServer isPending={opening.isPending} onPress={() => { opening.mutate(each.id); }}>
          {t("apps.openIn", { name: each.name })}
        </Button>
      ))}
      {opening.error && <span role="alert" className="wrong">{problemText(opening.error)}</span>}
    </>
  );
}
