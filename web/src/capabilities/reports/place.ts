/** Places on slides that a report points at: the field on the screen, what a mark covers, and the way back there. */
import { createContext, useContext } from "react";
import { boundsOf } from "../../viewer/annotate/geometry";
import type { Mark } from "../../viewer/annotate/mark";
import type { Cursor } from "../../viewer/camera";
import type { SlideView } from "../../viewer/slide_view";
import type { Pose } from "../../viewer/view_state";
import type { FindingActs } from "./at_hand";

/** A rectangle on the tissue. */
export interface Region {
  x_um: number;
  y_um: number;
  width_um: number;
  height_um: number;
}

/** Share of the field that a place fills when one goes to it. */
const FILL = 0.8;
/** Digits of um that are kept: a nanometre. */
const DIGITS = 3;

const kept = (um: number): number => Number(um.toFixed(DIGITS));

/** The part of a slide that is on the screen: the upright rectangle around the field, as far as the slide goes; null where none is. */
export function fieldOf(corners: readonly Cursor[], extent: { width: number; height: number }): Region | null {
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [left, top] = [Math.max(0, Math.min(...xs)), Math.max(0, Math.min(...ys))];
  const [right, bottom] = [Math.min(extent.width, Math.max(...xs)), Math.min(extent.height, Math.max(...ys))];
  if (!(right > left && bottom > top)) return null;
  return { x_um: kept(left), y_um: kept(top), width_um: kept(right - left), height_um: kept(bottom - top) };
}

/** What a mark covers; a point covers one pixel. */
export function regionOfMark({ geometry }: Pick<Mark, "geometry">, um: { x: number; y: number }): Region {
  const { left, top, right, bottom } = boundsOf(geometry);
  return {
    x_um: kept(left * um.x),
    y_um: kept(top * um.y),
    width_um: kept(Math.max(1, right - left) * um.x),
    height_um: kept(Math.max(1, bottom - top) * um.y),
  };
}

/** How to look at a place in a field of so many CSS pixels, not closer than `closest` um in one of them. */
export function poseOver({ x_um, y_um, width_um, height_um }: Region, field: { width: number; height: number }, closest: number): Pose {
  const z = Math.max(width_um / field.width, height_um / field.height) / FILL;
  return { x: x_um + width_um / 2, y: y_um + height_um / 2, z: Math.max(z, closest), r: 0 };
}

/** The slide that is on the screen beside the report. */
export interface Beside {
  image: string;
  view: SlideView | null;
  /** The pane that it stands in. */
  pane: string;
}

export interface Places {
  /** Null where the report stands alone. */
  beside: Beside | null;
  go: (image: string, region: Region) => void;
  /** Lends what keys on the slide do with statements of models; null takes it back. */
  lend?: (acts: FindingActs | null) => void;
}

export const PlacesContext = createContext<Places | null>(null);

export function usePlaces(): Places {
  const places = useContext(PlacesContext);
  if (!places) throw new Error("A report stands somewhere.");
  return places;
}
