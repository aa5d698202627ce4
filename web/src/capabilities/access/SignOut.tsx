import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { signOut } from "../../api/access";
import { useConnection } from "../../shell/connection";
import { useProblemText } from "../../shell/problem";
import { forgetUnsent } from "../../shell/unsent";
import { Button, Dialog } from "../../ui/controls";

/** What was done a moment ago is on its way. */
const UNDERWAY_MS = 3000;
const LOOK_EVERY_MS = 100;

const waitingNow = () => Object.values(useConnection.getState().queued).reduce((sum, count) => sum + count, 0);

/** Waits until the server has everything, or not much longer. */
async function settled(): Promise<boolean> {
  for (let waited = 0; waitingNow() > 0 && useConnection.getState().reachable && waited < UNDERWAY_MS; waited += LOOK_EVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return waitingNow() === 0;
}

export interface Leaving {
  /** Ends the session; asks first where something would be lost with it. */
  begin: () => void;
  /** What is asked or said now: how much would be lost, why it did not work. Null where nothing is. */
  asks: { waiting: number; problem: unknown } | null;
  leave: () => void;
  stay: () => void;
}

export function useLeaving(person: string | undefined): Leaving {
  const client = useQueryClient();
  const [asks, setAsks] = useState<Leaving["asks"]>(null);
  const leave = async () => {
    try {
      const { continue_at } = await signOut();
      if (person !== undefined) {
        forgetUnsent(person);
        // A file that is still being sent writes down how far it is until the page is gone.
        window.addEventListener("pagehide", () => { forgetUnsent(person); });
      }
      // What is stated for this window is stated by who leaves: the purpose that they looked for, the dimmer, half-set landmarks.
      sessionStorage.clear();
      client.clear();
      window.location.assign(continue_at ?? "/");
    } catch (problem) {
      setAsks({ waiting: waitingNow(), problem });
    }
  };
  const begin = async () => {
    if (await settled()) await leave();
    else setAsks({ waiting: waitingNow(), problem: null });
  };
  return { asks, begin: () => void begin(), leave: () => void leave(), stay: () => { setAsks(null); } };
}

/** Asks whether one leaves although something would be lost, or says why one could not. */
export function SignOutDialog({ leaving: { asks, leave, stay } }: { leaving: Leaving }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  return (
    <Dialog title={t("user.signOut")} isOpen={asks !== null} onClose={stay}>
      <div className="form sign-out">
        {asks !== null && asks.waiting > 0 && <p>{t("signOut.losing", { count: asks.waiting })}</p>}
        {asks !== null && asks.problem !== null && <p role="alert" className="wrong">{problemText(asks.problem)}</p>}
        <div className="actions">
          <Button look="primary" onPress={stay}>
            {t("signOut.stay")}
          </Button>
          <Button onPress={leave}>{t(asks !== null && asks.waiting > 0 ? "signOut.lose" : "action.retry")}</Button>
        </div>
      </div>
    </Dialog>
  );
}
