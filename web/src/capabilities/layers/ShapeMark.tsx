import type { LayerSummary } from "../../api/types";

const PATHS: Record<LayerSummary["classes"][number]["shape"], string> = {
  circle: "M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1Z",
  square: "M2 2h10v10H2Z",
  triangle: "M7 1.500L13 12.500H1Z",
  diamond: "M7 1l6 6-6 6-6-6Z",
  plus: "M5 1h4v4h4v4H9v4H5V9H1V5h4Z",
  cross: "M2.500 1L7 5.200 11.500 1 13 2.500 8.800 7 13 11.500 11.500 13 7 8.800 2.500 13 1 11.500 5.200 7 1 2.500Z",
};

/** How a class is drawn: shape and colour. */
export function ShapeMark({ shape, colour }: { shape: keyof typeof PATHS; colour: string }) {
  return (
    <svg className="shape" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      <path d={PATHS[shape]} fill={colour} />
    </svg>
  );
}
