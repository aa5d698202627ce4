/** The key that opens the palette, and what is already typed while its code, or its field, is on its way. */
import { useEffect } from "react";
import { chordOf } from "../viewer/bindings";
import { bindings } from "../viewer/keys";
import { closeDialog, useDialogs } from "./dialogs";

const isDialogShown = () => document.querySelector(".veil") !== null;
const isInPalette = () => document.activeElement?.closest(".palette") != null;

function typeAhead(event: KeyboardEvent) {
  // Nothing under the palette may take these keys for its own.
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Escape") closeDialog();
  else if (event.key === "Enter") useDialogs.setState(({ typed }) => ({ entered: typed.trim() !== "" }));
  else if (event.key === "Backspace") useDialogs.setState(({ typed }) => ({ typed: typed.slice(0, -1) }));
  else if (event.key.length === 1) useDialogs.setState(({ typed }) => ({ typed: typed + event.key }));
}

function onKey(event: KeyboardEvent) {
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
  if (useDialogs.getState().open === "palette" && !isInPalette() && !isModified) typeAhead(event);
}

export function usePaletteKey(isSignedIn: boolean) {
  useEffect(() => {
    if (!isSignedIn) return;
    window.addEventListener("keydown", onKey, { capture: true });
    return () => { window.removeEventListener("keydown", onKey, { capture: true }); };
  }, [isSignedIn]);
}
