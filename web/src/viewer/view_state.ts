/** What the address of a viewer says: where one looks, how close, which plane. */

import { COMPUTED_PLANES, isComputed, type Plane } from "./planes";

/** Where one looks: centre in um, um per CSS pixel, degrees clockwise. In pixels where the image has no scale. */
export interface Pose {
  x: number;
  y: number;
  z: number;
  r: number;
}

export interface ViewState {
  pose: Pose | null;
  flip: boolean;
  plane: Plane;
  /** Spelled by `encodeChannels`; null for the image's own settings. */
  channels: string | null;
  /** The number of the one channel that is shown alone, else null. */
  solo: number | null;
  /** Whether the server mixes the channels, to spare the line. */
  sparing: boolean;
  /** Whether every channel has a cell of its own beside the mix. */
  cells: boolean;
}

/** What no mention means. */
export const UNSAID: ViewState = { pose: null, flip: false, plane: 0, channels: null, solo: null, sparing: false, cells: false };

const KEYS = ["x", "y", "z", "r", "flip", "plane", "c", "solo", "mix", "cells"] as const;

function round(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** Enough decimals that a step of the last is far below one screen pixel. */
function decimals(z: number): number {
  return Math.min(6, Math.max(1, Math.ceil(-Math.log10(z)) + 2));
}

/** Writes the state into `search`, leaving other keys alone. `prefix` tells two panes apart. */
export function encodeView(state: ViewState, search = new URLSearchParams(), prefix = ""): URLSearchParams {
  for (const key of KEYS) search.delete(prefix + key);
  if (state.pose) {
    const { x, y, z, r } = state.pose;
    search.set(`${prefix}x`, round(x, decimals(z)));
    search.set(`${prefix}y`, round(y, decimals(z)));
    search.set(`${prefix}z`, String(Number(z.toPrecision(5))));
    if (round(r, 1) !== "0") search.set(`${prefix}r`, round(r, 1));
  }
  if (state.flip) search.set(`${prefix}flip`, "1");
  if (isComputed(state.plane) || state.plane > 0) search.set(`${prefix}plane`, String(state.plane));
  if (state.channels !== null) search.set(`${prefix}c`, state.channels);
  if (state.solo !== null) search.set(`${prefix}solo`, String(state.solo));
  if (state.sparing) search.set(`${prefix}mix`, "server");
  if (state.cells) search.set(`${prefix}cells`, "1");
  return search;
}

function figure(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Reads the state back; a pose needs centre and zoom, anything that makes no sense is ignored. */
export function decodeView(search: URLSearchParams, prefix = ""): ViewState {
  const read = (key: string) => figure(search.get(prefix + key));
  const [x, y, z] = [read("x"), read("y"), read("z")];
  const pose = x !== null && y !== null && z !== null && z > 0 ? { x, y, z, r: normaliseDegrees(read("r") ?? 0) } : null;
  const [plane, solo] = [read("plane"), read("solo")];
  const computed = COMPUTED_PLANES.find((name) => name === search.get(`${prefix}plane`));
  return {
    pose,
    flip: search.get(`${prefix}flip`) === "1",
    plane: computed ?? (plane !== null && plane > 0 ? Math.floor(plane) : 0),
    channels: search.get(`${prefix}c`),
    solo: solo !== null && solo >= 0 ? Math.floor(solo) : null,
    sparing: search.get(`${prefix}mix`) === "server",
    cells: search.get(`${prefix}cells`) === "1",
  };
}

/** Degrees in [0, 360). */
export function normaliseDegrees(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

/** Degrees around upright within which two fingers leave the slide upright. */
const UPRIGHT_SLIP = 7;

/** Upright where an angle nearly is, else the angle. */
export function uprightNear(degrees: number): number {
  const off = normaliseDegrees(degrees + UPRIGHT_SLIP);
  return off <= 2 * UPRIGHT_SLIP ? degrees - off + UPRIGHT_SLIP : degrees;
}

/** Where an address says which layers are on over a pane; it is no part of the view. */
export const layersKey = (prefix: string): string => `${prefix}layers`;
