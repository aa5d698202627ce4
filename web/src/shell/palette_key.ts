/** The key that opens the palette, and what is already typed while its code, or its field, is on its way. */
import { meQuery } from "../capabilities/access/me";
import { chordOf } from "../viewer/bindings";
import { bindings } from "../viewer/keys";
import { closeDialog, useDialogs } from "./dialogs";
import { queryClient } from "./query_client";

const isDialogShown = () => document.querySelector(".veil") !== null;
/** Not the palette alone: as it opens, it has the focus itself for a moment, and letters would be lost to what lies under it. */
const isInField = () => document.activeElement?.matches(".palette input") === true;

function typeAhead(event: KeyboardEvent) {
  // Nothing under the palette may take these keys for its own.
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.key === "Escape") closeDialog();
  else if (event.key === "Enter") useDialogs.setState(({ typed }) => ({ entered: typed.trim() !== "" }));
  else if (event.key === "Backspace") useDialogs.setState(({ typed }) => ({ typed: typed.slice(0, -1) }));
  else if (event.key.length === 1) useDialogs.setState(({ typed }) => ({ typed: typed + event.key }));
  // Where it is there by now: a press beside it took the focus, or nothing gave it yet.
  document.querySelector<HTMLElement>(".palette input")?.focus();
}

function onKey(event: KeyboardEvent) {
  if (queryClient.getQueryData(meQuery.queryKey) === undefined) return;
  const chord = chordOf(event);
  if (chord !== null && bindings.actionOf(chord) === "palette") {
    // A bare letter that somebody chose for it still has to be written in fields.
    const isBare = !(event.ctrlKey || event.metaKey || event.altKey);
    if (isBare && event.target instanceof HTMLElement && event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    if (!isDialogShown()) useDialogs.setState({ open: "palette" });
    return;
  }
  const isModified = event.ctrlKey || event.metaKey || event.altKey;
  if (useDialogs.getState().open === "palette" && !isInField() && !isModified) typeAhead(event);
}

/** Once, before any page listens: listeners of the window are called in the order in which they came. */
export function watchPaletteKey(): void {
  window.addEventListener("keydown", onKey, { capture: true });
}
