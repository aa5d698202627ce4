/** Digits switch channels where there are some; on a stained slide they are objectives. */
import type { ViewerAction } from "../../../viewer/keys";
import type { SlideOnScreen } from "./use_slide";
import type { Actions } from "./use_viewer_keys";

const CHANNEL_ACTIONS: readonly ViewerAction[] = [
  "objective1",
  "objective2",
  "objective3",
  "objective4",
  "objective5",
  "objective6",
  "channel7",
  "channel8",
  "channel9",
];

/** What the keys of channels do on this slide; nothing where its channels are not mixed. */
export function channelActions(slide: SlideOnScreen | null): Actions {
  if (slide?.opening?.mode !== "composite") return {};
  const flip = (number: number) => () => {
    slide.setChannels(slide.channels.map((setting) => (setting.number === number ? { ...setting, visible: !setting.visible } : setting)));
  };
  const actions: Actions = { channelCells: () => { slide.setCells(!slide.cells); } };
  for (const [number, action] of CHANNEL_ACTIONS.slice(0, slide.channels.length).entries()) actions[action] = flip(number);
  return actions;
}
