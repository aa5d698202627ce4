import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { forgetLook, setLook } from "../../../api/slides";
import { useFormats } from "../../../i18n/format";
import { useProblemText } from "../../../shell/problem";
import { Button } from "../../../ui/controls";
import { usePermission } from "../../access/me";
import type { SlideOnScreen } from "./use_slide";

/** What every reader of the slide begins with: who said so, and saying so. */
export function FirstLook({ id, slide }: { id: string; slide: SlideOnScreen }) {
  const { t } = useTranslation();
  const { date } = useFormats();
  const problem = useProblemText();
  const maySet = usePermission("slides.describe");
  const { firstLook, channels } = slide;
  const setting = useMutation({ mutationFn: () => setLook(id, channels), onSuccess: slide.setFirstLook });
  const forgetting = useMutation({ mutationFn: () => forgetLook(id), onSuccess: () => { slide.setFirstLook(null); } });
  if (!firstLook && !maySet) return null;
  const error = setting.error ?? forgetting.error;
  return (
    <div className="first-look-of-all">
      {firstLook && <p className="second">{t("channels.lookBy", { name: firstLook.set_by, date: date(firstLook.set_at) })}</p>}
      <div className="channel-actions">
        {maySet && (
          <Button needsServer isPending={setting.isPending} isDisabled={!channels.some(({ visible }) => visible)} onPress={() => { setting.mutate(); }}>
            {t("channels.setLook")}
          </Button>
        )}
        {firstLook && (
          <Button look="quiet" onPress={slide.ownChannels}>
            {t("channels.reset")}
          </Button>
        )}
        {firstLook && maySet && (
          <Button look="quiet" needsServer isPending={forgetting.isPending} onPress={() => { forgetting.mutate(); }}>
            {t("channels.forgetLook")}
          </Button>
        )}
      </div>
      {error && (
        <p role="alert" className="wrong">
          {problem(error)}
        </p>
      )}
    </div>
  );
}
