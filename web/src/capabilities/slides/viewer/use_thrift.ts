/** Whether tiles come at half their resolution first: as the person chose, else as the link was measured. */
import { useSyncExternalStore } from "react";
import { usePreferences } from "../../../shell/preferences";
import { LinkMeter } from "../../../viewer/link_meter";

const meter = new LinkMeter();
meter.watch();

const decided = (chosen: "on" | "off" | null | undefined) => (chosen == null ? meter.isSlow() : chosen === "on");

export const isThrifty = (): boolean => decided(usePreferences.getState().settings.slow_link);

export function useThrift(): boolean {
  const chosen = usePreferences((state) => state.settings.slow_link);
  useSyncExternalStore(meter.subscribe, meter.isSlow);
  return decided(chosen);
}
