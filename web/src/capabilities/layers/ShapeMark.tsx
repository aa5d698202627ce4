import { SHAPE_BOX, SHAPE_PATHS, type LayerShape } from "../../viewer/layers/shapes";

/** How a class is drawn: shape and colour. */
export function ShapeMark({ shape, colour }: { shape: LayerShape; colour: string }) {
  return (
    <svg className="shape" width={SHAPE_BOX} height={SHAPE_BOX} viewBox={`0 0 ${SHAPE_BOX} ${SHAPE_BOX}`} aria-hidden="true">
      <path d={SHAPE_PATHS[shape]} fill={colour} />
    </svg>
  );
}
