/** The annotated slides on the screen, by pane, and the tools that all of them share. */
import { useSyncExternalStore } from "react";
import { create } from "zustand";
import type { Imported } from "../../api/annotations";
import type { Annotator } from "../../viewer/annotate/annotator";
import { Toolbox, type ToolState } from "../../viewer/annotate/toolbox";

export const toolbox = new Toolbox();

export const useTools = (): ToolState => useSyncExternalStore(toolbox.subscribe, toolbox.get);

interface Annotators {
  byPane: Readonly<Record<string, Annotator>>;
  /** What the last import of a pane came to, or why it failed. */
  imports: Readonly<Record<string, Imported | { error: unknown }>>;
}

export const useAnnotators = create<Annotators>(() => ({ byPane: {}, imports: {} }));

const without = <V>(record: Readonly<Record<string, V>>, key: string): Record<string, V> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

export function setAnnotator(pane: string, annotator: Annotator | null): void {
  useAnnotators.setState(({ byPane, imports }) => {
    const others = without(byPane, pane);
    return { byPane: annotator ? { ...others, [pane]: annotator } : others, imports: without(imports, pane) };
  });
}

export function setImported(pane: string, result: Imported | { error: unknown } | null): void {
  useAnnotators.setState(({ imports }) => {
    const others = without(imports, pane);
    return { imports: result ? { ...others, [pane]: result } : others };
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
