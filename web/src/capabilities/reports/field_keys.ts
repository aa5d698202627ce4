/** The fields of a report, one after the other: by Enter within the form, by Ctrl with Enter from anywhere in it. */

const FIELDS = "[data-field]";
/** Where one begins in a field: at the chosen option, else at the first thing that takes keys. */
const CHOSEN = "input[type=radio]:checked";
const ENTRIES = "input:not(:disabled), textarea:not(:disabled)";

export function focusField(field: Element | null | undefined): boolean {
  const entry = field?.querySelector<HTMLElement>(CHOSEN) ?? field?.querySelector<HTMLElement>(ENTRIES);
  entry?.focus();
  return entry !== undefined && entry !== null;
}

/** Goes to the field after, or before, the one that holds an element. Tells whether there was one. */
export function focusBeside(form: HTMLElement, from: Element, by: 1 | -1): boolean {
  const fields = [...form.querySelectorAll(FIELDS)].filter((field) => field.querySelector(ENTRIES));
  const at = fields.findIndex((field) => field.contains(from));
  return focusField(at < 0 ? fields[by > 0 ? 0 : fields.length - 1] : fields[at + by]);
}

/** Enter goes on, with Shift back; in text it is a new line there, and Ctrl with Enter goes on. Tells whether the key was one of these. */
export function goesOn({ key, ctrlKey, metaKey, shiftKey, altKey, isComposing }: KeyboardEvent, target: Element): 1 | -1 | null {
  if (key !== "Enter" || altKey || isComposing || target.closest("button, a, summary, select")) return null;
  const holds = ctrlKey || metaKey;
  if (target.tagName === "TEXTAREA" && !holds) return null;
  return shiftKey ? -1 : 1;
}
