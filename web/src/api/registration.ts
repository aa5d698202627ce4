import { queryOptions } from "@tanstack/react-query";
import { getJson, request, sendJson } from "./client";
import type { Transform, TransformAsked } from "./types";

const slide = (image: string) => `/api/registration/images/${encodeURIComponent(image)}`;
const between = (image: string, other: string) => `${slide(image)}/to/${encodeURIComponent(other)}`;

const TRANSFORMS = "transforms";

export const transformsQuery = (image: string) =>
  queryOptions({ queryKey: [TRANSFORMS, image], queryFn: ({ signal }) => getJson<Transform[]>(slide(image), signal) });

/** Null where the transform was removed or replaced since it was listed. */
export const displacementsQuery = ({ id, from_image_id, to_image_id }: Transform) =>
  queryOptions({
    queryKey: ["displacements", id],
    queryFn: async ({ signal, client }) => {
      const answer = await request(`${between(from_image_id, to_image_id)}/displacements?transform=${encodeURIComponent(id)}`, { signal });
      if (answer.status !== 204) return answer.arrayBuffer();
      void client.invalidateQueries({ queryKey: [TRANSFORMS] });
      return null;
    },
    staleTime: Infinity,
  });

export const saveTransform = (image: string, other: string, asked: TransformAsked) => sendJson<Transform>("PUT", between(image, other), asked);
export const removeTransform = (image: string, other: string) => sendJson<undefined>("DELETE", between(image, other), undefined);
