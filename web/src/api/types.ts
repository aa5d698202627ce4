/** The shapes of docs/reference/http.md that the app uses. */

export type Status = "receiving" | "hashed" | "quarantined" | "available";

export interface Spacing {
  x: number;
  y: number;
}

export interface Progress {
  stage: string;
  done: number;
  total: number;
}

export interface ImageSummary {
  id: string;
  name: string;
  status: Status;
  reason: string | null;
  progress: Progress | null;
  created_at: string;
  available_at: string | null;
  size_bytes: number | null;
  sha256: string | null;
  format: string | null;
  vendor: string | null;
  scanner_model: string | null;
  width_px: number | null;
  height_px: number | null;
  spacing_um: Spacing | null;
  objective_power: number | null;
  stain: string | null;
  organ: string | null;
  specimen: string | null;
  planes: number;
  channels: number;
  findings: number;
  has_label: boolean;
  has_macro: boolean;
  study_uid: string | null;
  series_uid: string | null;
}

export interface ImagePage {
  total: number;
  offset: number;
  revision: number;
  items: ImageSummary[];
}

export interface MetadataElement {
  name: string;
  value: unknown;
  source: string | null;
  required: boolean;
}

export interface MetadataFinding {
  element: string;
  problem: "missing" | "contradictory" | "implausible";
  message: string;
}

export interface Level {
  number: number;
  width_px: number;
  height_px: number;
  tile_width_px: number;
  tile_height_px: number;
  rows: number;
  columns: number;
  downsample: number;
  derived: boolean;
}

export interface Channel {
  name: string;
  colour: string;
  window: [number, number] | null;
}

export interface StoredObject {
  number: number;
  kind: string;
  name: string;
  size_bytes: number;
  sha256: string;
}

/** An image with everything known of it. `channels` is the list here, as in an opening. */
export interface ImageDetail extends Omit<ImageSummary, "channels" | "findings"> {
  elements: MetadataElement[];
  findings: MetadataFinding[];
  properties: Record<string, string>;
  objects: StoredObject[];
  levels: Level[];
  channels: Channel[];
}

export interface Opening {
  ticket: string;
  expires_at: string;
  image_id: string;
  name: string;
  tile_url: string;
  mode: "direct" | "composite";
  brightfield: boolean;
  spacing_um: Spacing | null;
  objective_power: number | null;
  levels: Level[];
  planes: { offset_um: number }[];
  channels: Channel[];
}

export interface Me {
  person_id: string;
  name: string;
  organisation_id: string;
  organisation_name: string;
  permissions: string[];
  demo: boolean;
}

export type Sort = "newest" | "oldest" | "name" | "size";
