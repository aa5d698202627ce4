import i18next from "i18next";
import type { MessageKey } from "./messages";

/** Whether the app has a text of this name; what it has is the same in every language. */
export const isKnown = <Key extends MessageKey>(name: string): name is Key => i18next.exists(name);
