/** Opening slides: each opening is an entry in the log, so that none is asked for twice. */
import { queryOptions } from "@tanstack/react-query";
import { Problem } from "../../../api/client";
import { openImage } from "../../../api/slides";
import type { Opening } from "../../../api/types";
import { queryClient } from "../../../shell/query_client";
// Says to the server what the slide is looked at for.
import "./purpose";

const NOT_SIGNED_IN = 401;

interface Begun {
  id: string;
  answer: Promise<Opening>;
  /** The answer, once it is here. */
  opening: Opening | undefined;
}

/** What was begun before the page that shows it is there. */
let begun: Begun | null = null;

/** Opens a slide for the page that is about to show it. */
export function beginOpening(id: string): void {
  if (begun?.id === id || queryClient.getQueryState(openingQuery(id).queryKey) !== undefined) return;
  const one: Begun = { id, answer: openImage(id), opening: undefined };
  begun = one;
  one.answer.then(
    (opening) => { one.opening = opening; },
    (error: unknown) => {
      // The page asks again once somebody has signed in; every other refusal is the page's to tell.
      if (begun === one && error instanceof Problem && error.status === NOT_SIGNED_IN) begun = null;
    },
  );
}

/** The page has what was begun for it, or was left before. */
export function forgetOpening(id: string): void {
  if (begun?.id === id) begun = null;
}

function open(id: string): Promise<Opening> {
  const early = begun?.id === id ? begun.answer : null;
  forgetOpening(id);
  return early ?? openImage(id);
}

export const openingQuery = (id: string) =>
  queryOptions({
    queryKey: ["opening", id],
    queryFn: () => open(id),
    initialData: () => (begun?.id === id ? begun.opening : undefined),
    staleTime: Infinity,
    gcTime: 0,
  });
