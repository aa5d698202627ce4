/** What a person does with a statement of a model that nobody took on: accept it, or reject it. To change it, one writes. */
import "./drafted.css";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/controls";
import { keysOf } from "../../viewer/keys";

export function ModelActs({ onAccept, onReject }: { onAccept: () => void; onReject: () => void }) {
  const { t } = useTranslation();
  const [accept, reject] = [keysOf("acceptStatement"), keysOf("rejectStatement")];
  return (
    <div className="model-acts">
      <Button look="quiet" icon="check" onPress={onAccept}>
        {t("report.accept")} {accept && <kbd>{accept}</kbd>}
      </Button>
      <Button look="quiet" icon="close" onPress={onReject}>
        {t("report.reject")} {reject && <kbd>{reject}</kbd>}
      </Button>
    </div>
  );
}
