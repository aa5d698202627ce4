import { queryOptions } from "@tanstack/react-query";
import { readAppraisal } from "../../api/appraisal";
import type { AppraisalShown } from "../../api/types";

/** A look takes seconds, and there may be others before it. */
const WAITING_MS = 5_000;
const MOST_SHOWN = 4;

export const appraisalQuery = (id: string) =>
  queryOptions({
    queryKey: ["appraisal", id],
    queryFn: ({ signal }) => readAppraisal(id, signal),
    refetchInterval: ({ state }) => (state.data?.state === "waiting" ? WAITING_MS : false),
  });

type Places = NonNullable<AppraisalShown["figures"]>["places"];
export type BlurredPlace = Places[number] & { blur: number };

const isTold = (place: Places[number]): place is BlurredPlace => place.blur !== null;

/** Places that have any detail. */
export const toldOf = (places: Places): BlurredPlace[] => places.filter(isTold);

/** The few that are most blurred, the worst first. */
export const mostBlurred = (places: Places): BlurredPlace[] => toldOf(places).sort((one, other) => other.blur - one.blur).slice(0, MOST_SHOWN);
