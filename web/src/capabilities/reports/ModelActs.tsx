/** What a person does with a statement of a model that nobody took on: accept it, change it by writing, or reject it. */
import "./drafted.css";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/controls";
import { keysOf } from "../../viewer/keys";
import { focusField } from "./field_keys";

export function ModelActs({ onAccept, onReject }: { onAccept: () => void; onReject: () => void }) {
  const { t } = useTranslation();
  const acts = useRef<HTMLDivElement>(null);
  const [accept, change, reject] = [keysOf("acceptStatement"), keysOf("changeStatement"), keysOf("rejectStatement")];
  return (
    <div ref={acts} className="model-acts">
      <Button look="quiet" icon="check" onPress={onAccept}>
        {t("report.accept")} {accept && <kbd>{accept}</kbd>}
      </Button>
      <Button look="quiet" icon="pen" onPress={() => { focusField(acts.current?.closest("[data-field]")); }}>
        {t("report.change")} {change && <kbd>{change}</kbd>}
      </Button>
      <Button look="quiet" icon="close" onPress={onReject}>
        {t("report.reject")} {reject && <kbd>{reject}</kbd>}
      </Button>
    </div>
  );
}
