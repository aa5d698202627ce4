/** The annotated slides on the screen, by pane, and the tools that all of them share. */
import { useSyncExternalStore } from "react";
import { create } from "zustand";
import type { Imported } from "../../api/annotations";
import type { Annotator } from "../../viewer/annotate/annotator";
import { Toolbox, type ToolState } from "../../viewer/annotate/toolbox";
import { TypedTexts } from "../../viewer/annotate/typed";

export const toolbox = new Toolbox();

export const useTools = (): ToolState => useSyncExternalStore(toolbox.subscribe, toolbox.get);

const typedTexts = new Map<string, TypedTexts>();

/** What a person types into fields of the marks of a slide, as long as the page lives: it outlives a look at another slide. */
export function typedTextsOf(person: string, image: string): TypedTexts {
  const key = `${person}/${image}`;
  const known = typedTexts.get(key) ?? new TypedTexts();
  typedTexts.set(key, known);
  return known;
}

/** What the last import or export of a pane came to, or why it failed. */
export type Exchanged = Imported | { exported: string; leftOut: number } | { error: unknown };

interface Annotators {
  byPane: Readonly<Record<string, Annotator>>;
  exchanged: Readonly<Record<string, Exchanged>>;
}

export const useAnnotators = create<Annotators>(() => ({ byPane: {}, exchanged: {} }));

const without = <V>(record: Readonly<Record<string, V>>, key: string): Record<string, V> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

export function setAnnotator(pane: string, annotator: Annotator | null): void {
  useAnnotators.setState(({ byPane, exchanged }) => {
    const others = without(byPane, pane);
    return { byPane: annotator ? { ...others, [pane]: annotator } : others, exchanged: without(exchanged, pane) };
  });
}

export function setExchanged(pane: string, result: Exchanged | null): void {
  useAnnotators.setState(({ exchanged }) => {
    const others = without(exchanged, pane);
    return { exchanged: result ? { ...others, [pane]: result } : others };
  });
}

const never = () => () => undefined;
const zero = () => 0;

/** The annotator of a pane; the component is drawn again whenever its marks or its selection change. */
export function useAnnotator(pane: string): Annotator | null {
  const annotator = useAnnotators((state) => state.byPane[pane]) ?? null;
  useSyncExternalStore(annotator?.subscribe ?? never, annotator?.version ?? zero);
  return annotator;
}
