/** Dictation at a field: the button, how far it is, and the text as a proposal that a person puts in or dismisses. */
import "./dictated.css";
import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { dictate, dictationQuery } from "../../api/reports";
import type { ReportLanguage } from "../../api/types";
import { useProblemText } from "../../shell/problem";
import { Button } from "../../ui/controls";
import { spellChord } from "../../viewer/bindings";
import { keysOf } from "../../viewer/keys";
import { Dictator } from "./dictation";
import { NoMicrophone, record } from "./microphone";

interface Dictating {
  dictator: Dictator;
  language: ReportLanguage;
  /** Puts what is proposed into its field. */
  accept: (field: string) => void;
}

export const DictatingContext = createContext<Dictating | null>(null);

/** What takes dictation for a report; null where the node has no speech model. */
export function useDictator(caseId: string, language: ReportLanguage): Dictator | null {
  const offered = useQuery(dictationQuery).data;
  const mostSeconds = offered?.is_available ? offered.most_seconds : null;
  const dictator = useMemo(
    () => (mostSeconds === null ? null : new Dictator({ record, send: (audio, signal) => dictate(caseId, language, audio, signal), mostSeconds })),
    [caseId, language, mostSeconds],
  );
  useEffect(() => () => { dictator?.drop(); }, [dictator]);
  return dictator;
}

export function Dictated({ field }: { field: string }) {
  const dictating = useContext(DictatingContext);
  return dictating && <AtField field={field} {...dictating} />;
}

function AtField({ field, dictator, language, accept }: Dictating & { field: string }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const state = useSyncExternalStore(dictator.subscribe, dictator.state);
  const [keys, taking, dismissing] = [keysOf("dictate"), keysOf("acceptStatement"), keysOf("rejectStatement")];
  const isHere = state.step !== "idle" && state.field === field;
  const isBusy = state.step === "recording" || state.step === "sending";
  return (
    <div className="dictated">
      {isHere && state.step === "recording" ? (
        <Button look="quiet" icon="stop" onPress={() => void dictator.stop()}>
          {t("report.dictate.stop")} {keys && <kbd>{keys}</kbd>}
        </Button>
      ) : (
        <Button look="quiet" icon="microphone" needsServer isDisabled={isBusy} onPress={() => void dictator.toggle(field)}>
          {t("report.dictate")} {keys && <kbd>{keys}</kbd>}
        </Button>
      )}
      {isHere && isBusy && (
        <Button look="quiet" icon="close" onPress={() => { dictator.cancel(); }}>
          {t("report.dictate.cancel")} <kbd>{spellChord("Escape")}</kbd>
        </Button>
      )}
      <span role="status" className="second">
        {isHere && state.step === "recording" && t("report.dictate.recording", { seconds: state.secondsLeft })}
        {isHere && state.step === "sending" && t("report.dictate.sending")}
        {isHere && state.step === "cancelled" && t("report.dictate.cancelled")}
        {isHere && state.step === "nothing" && t("report.dictate.nothing")}
        {isHere && state.step === "proposed" && t("report.dictate.proposal")}
      </span>
      {isHere && state.step === "failed" && (
        <p role="alert" className="wrong">
          {state.error instanceof NoMicrophone ? t("report.dictate.noMicrophone") : problemText(state.error)}
        </p>
      )}
      {isHere && state.step === "proposed" && (
        <div className="offered">
          <p className="report-text" lang={language === "zh" ? "zh-CN" : "en"}>
            {state.text}
          </p>
          <Button look="quiet" icon="check" onPress={() => { accept(field); }}>
            {t("report.dictate.accept")} {taking && <kbd>{taking}</kbd>}
          </Button>
          <Button look="quiet" icon="close" onPress={() => { dictator.drop(); }}>
            {t("report.dictate.dismiss")} {dismissing && <kbd>{dismissing}</kbd>}
          </Button>
        </div>
      )}
    </div>
  );
}
