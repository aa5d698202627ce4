/** Keeps with the reading when the reader first had something shown that a model found. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { listReveals, tellReveal } from "../../api/reading";
import { Problem, UNREACHABLE } from "../../api/client";
import type { LayerSummary, Reveal } from "../../api/types";
import { useConnection } from "../../shell/connection";
import type { LayerState } from "../../viewer/layers/stack";

const subjectOf = (id: string) => `layer/${id}`;
const keyOf = (image: string) => ["reveals", image];

/** What the node has of this reader and slide; asked for once a layer of a model is shown. */
export function useReveal(image: string, layer: LayerSummary, shown: boolean): Reveal | null {
  const isAsked = shown && layer.origin === "model";
  const { data } = useQuery({ queryKey: keyOf(image), queryFn: ({ signal }) => listReveals(image, signal), enabled: isAsked });
  return data?.find(({ subject }) => subject === subjectOf(layer.id)) ?? null;
}

export function useTellReveals(image: string, layers: readonly LayerState[]): void {
  const client = useQueryClient();
  const reachable = useConnection((state) => state.reachable);
  const seen = useRef(new Map<string, { at: number; told: boolean }>());
  useEffect(() => {
    for (const { summary, on } of layers) {
      if (!on || summary.origin !== "model") continue;
      const known = seen.current.get(summary.id) ?? { at: performance.now(), told: false };
      seen.current.set(summary.id, known);
      if (known.told || !reachable) continue;
      known.told = true;
      const name = `${summary.title} · ${summary.producer} ${summary.producer_version}`.trim().slice(0, 300);
      tellReveal(image, { subject: subjectOf(summary.id), name, ago_s: (performance.now() - known.at) / 1000 }).then(
        (reveal) => {
          client.setQueryData<Reveal[]>(keyOf(image), (before = []) => [...before.filter(({ subject }) => subject !== reveal.subject), reveal]);
        },
        (error: unknown) => {
          // It is told when there is a line again; what the node refuses it would refuse again.
          if (error instanceof Problem && (error.status === UNREACHABLE || error.status >= 500)) known.told = false;
        },
      );
    }
  }, [client, image, layers, reachable]);
}
