"""Layers as DICOM objects, through highdicom: cells as Microscopy Bulk Simple Annotations (PS3.3 A.87), and
heatmaps as a Parametric Map (PS3.3 A.75) of one frame that lies on the slide.

Plain arguments, for a child process: `header` is the level-0 instance up to its pixels, `pack` the content
of the layer.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import highdicom
import numpy as np
from highdicom.ann import AnnotationGroup, GraphicTypeValues, Measurements, MicroscopyBulkSimpleAnnotations
from highdicom.color import CIELabColor
from highdicom.content import VOILUTTransformation
from highdicom.pm import ParametricMap, RealWorldValueMapping
from numpy.typing import NDArray
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from hemalum.formats.annotations.dicom_source import (
    CLASS_SCHEME,
    SERIES_NUMBER,
    bytes_of,
    code_of,
    equipment,
    read_source,
    text_of,
)
from hemalum.formats.layers.model import LayerClass, LayerKind, Manifest, ValueColumn
from hemalum.formats.layers.pack import Pack
from hemalum.formats.layers.parts import ABSTAINED, VALUE, decode_values
from hemalum.formats.layers.picking import TileCells, cells_of
from hemalum.kernel.errors import Invalid

NOT_LOOKED_AT, ABSTAINED_VALUE = -1e30, -2e30
"""What stands in a map where there is no value; what lies between is padding (PS3.3 C.7.6.24)."""

MOST_OF_PARAMETER = 200
"""Letters of the value of a parameter of an algorithm."""
_UNITS = {"": codes.UCUM.NoUnits, "um": codes.UCUM.Micrometer, "um2": codes.UCUM.SquareMicrometer}
_NAMES = {"area": codes.SCT.Area, "perimeter": codes.SCT.Perimeter}

type Array = NDArray[Any]


def write_layer(
    header: bytes,
    pack: bytes,
    title: str,
    origin: str,
    producer: Sequence[str],
    *,
    names_patient: bool,
    computed_on: Sequence[str] = (),
) -> bytes:
    """The object for a layer. `producer` is the name and the version of what made it.

    `computed_on` stands among the parameters of the algorithm; a Parametric Map has no place for them.

    Raises:
        Invalid: the object cannot hold what the layer has.
    """
    opened = Pack(len(pack), lambda offset, length: pack[offset : offset + length])
    source = read_source(header, names_patient=names_patient)
    if opened.manifest.kind is LayerKind.HEATMAP:
        return _parametric_map(source, opened, title)
    return _bulk_annotations(source, opened, title, _algorithm(origin, producer, computed_on))


# Cells --------------------------------------------------------------------------------------------------


def _bulk_annotations(source: Any, pack: Pack, title: str, algorithm: Mapping[str, Any]) -> bytes:
    tiles = list(cells_of(pack))
    made = MicroscopyBulkSimpleAnnotations(
        source_images=[source],
        annotation_coordinate_type="2D",
        annotation_groups=list(_groups(pack.manifest, tiles, algorithm)),
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        content_label="CELLS",
        content_description=text_of(title),
        **equipment(),
    )
    return bytes_of(made)


def _algorithm(origin: str, producer: Sequence[str], computed_on: Sequence[str]) -> dict[str, Any]:
    if origin == "person":
        return {"algorithm_type": "MANUAL"}
    name, version = (text_of(each) for each in producer)
    is_model = origin == "model"
    family = codes.DCM.ArtificialIntelligence if is_model else Code(origin, CLASS_SCHEME, origin)
    used = {
        f"engine-{number}": text_of(each, MOST_OF_PARAMETER) for number, each in enumerate(computed_on, 1)
    }
    identified = highdicom.AlgorithmIdentificationSequence(
        name=name, family=family, version=version, parameters=used or None
    )
    return {"algorithm_type": "AUTOMATIC", "algorithm_identification": identified}


def _groups(
    manifest: Manifest, tiles: Sequence[TileCells], algorithm: Mapping[str, Any]
) -> Iterator[AnnotationGroup]:
    """One group for each class and form."""
    number = 0
    for index, known in enumerate(manifest.classes):
        for kind in (GraphicTypeValues.POLYGON, GraphicTypeValues.POINT):
            graphics, values = _of_class(tiles, index, kind)
            if not graphics:
                continue
            number += 1
            yield _group(number, known, kind, graphics, _measurements(manifest.columns, values), algorithm)


def _of_class(
    tiles: Sequence[TileCells], index: int, kind: GraphicTypeValues
) -> tuple[list[Array], list[Array]]:
    """Corners of each cell of a class that has an outline, or the places of those that have none."""
    graphics: list[Array] = []
    values: list[Array] = []
    for tile in tiles:
        for row in np.flatnonzero(tile.classes == index):
            ring = None if tile.rings_px is None else tile.rings_px[row]
            is_outlined = ring is not None and len(ring) > 0
            if is_outlined != (kind is GraphicTypeValues.POLYGON):
                continue
            place = np.array([[tile.x_px[row], tile.y_px[row]]])
            graphics.append(np.asarray(ring if is_outlined else place, np.float64))
            values.append(np.array([column[row] for column in tile.columns], np.float32))
    return graphics, values


def _measurements(columns: Sequence[ValueColumn], values: Sequence[Array]) -> list[Measurements] | None:
    table = np.array(values, np.float32).reshape(len(values), len(columns))
    measured = [
        Measurements(_NAMES.get(column.name) or code_of(column.name), table[:, at], _unit(column.unit))
        for at, column in enumerate(columns)
        if not np.isnan(table[:, at]).all()
    ]
    return measured or None


def _group(
    number: int,
    known: LayerClass,
    kind: GraphicTypeValues,
    graphics: Sequence[Array],
    measured: Sequence[Measurements] | None,
    algorithm: Mapping[str, Any],
) -> AnnotationGroup:
    return AnnotationGroup(
        number=number,
        uid=highdicom.UID(),
        label=text_of(known.name),
        annotated_property_category=codes.SCT.AnatomicalStructure,
        annotated_property_type=code_of(known.name),
        graphic_type=kind,
        graphic_data=graphics,
        measurements=measured,
        display_color=CIELabColor.from_rgb(*bytes.fromhex(known.colour.removeprefix("#"))),
        **algorithm,
    )


def _unit(unit: str) -> Code:
    return _UNITS.get(unit) or Code(text_of(unit, 16), "UCUM", text_of(unit))


# Heatmaps -----------------------------------------------------------------------------------------------


def _parametric_map(source: Any, pack: Pack, title: str) -> bytes:
    values = raster_of(pack)
    (column,) = pack.manifest.columns
    low, high = column.minimum, column.maximum
    if low is None or high is None:
        raise Invalid("The model abstained everywhere; there is no value for a DICOM object.")
    quantity = code_of(column.name)
    mapping = RealWorldValueMapping(
        lut_label="VALUE",
        lut_explanation=text_of(column.name),
        unit=_unit(column.unit),
        value_range=(float(low), float(high)),
        slope=1.0,
        intercept=0.0,
        quantity_definition=quantity,
    )
    manifest = pack.manifest
    measures, orientation, position = place_on_slide(
        source, manifest.rasters[0].pitch_px, (manifest.origin_x_px, manifest.origin_y_px)
    )
    made = ParametricMap(
        source_images=[source],
        pixel_array=values[np.newaxis],
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[
            VOILUTTransformation(window_center=(low + high) / 2, window_width=max(high - low, 1e-6))
        ],
        pixel_measures=measures,
        plane_orientation=orientation,
        plane_positions=[position],
        content_label="HEATMAP",
        content_description=text_of(title),
        **equipment(),
    )
    made.FloatPixelPaddingValue = NOT_LOOKED_AT
    made.FloatPixelPaddingRangeLimit = ABSTAINED_VALUE
    return bytes_of(made)


def raster_of(pack: Pack) -> NDArray[np.float32]:
    """The finest raster of a heatmap (rows, columns), padded where it has no value."""
    manifest = pack.manifest
    side, level = manifest.raster_side, manifest.rasters[0]
    rows = max(row for row, _ in level.tiles) + 1
    columns = max(column for _, column in level.tiles) + 1
    raster = np.full((rows * side, columns * side), NOT_LOOKED_AT, np.float32)
    for row, column in level.tiles:
        values, states = decode_values(pack.part(f"values/{level.level}/{row}/{column}"))
        padded = np.where(states == ABSTAINED, ABSTAINED_VALUE, NOT_LOOKED_AT)
        where = (slice(row * side, (row + 1) * side), slice(column * side, (column + 1) * side))
        raster[where] = np.where(states == VALUE, values, padded)
    height, width = (
        max(1, int(np.ceil((whole - start) / level.pitch_px - 1e-9)))
        for whole, start in (
            (manifest.height_px, manifest.origin_y_px),
            (manifest.width_px, manifest.origin_x_px),
        )
    )
    return raster[:height, :width]


def place_on_slide(source: Any, pitch_px: float, origin_px: tuple[float, float]) -> tuple[Any, Any, Any]:
    """Size, direction and place on the glass of a raster (PS3.3 C.8.12.4, C.7.6.16.2.1).

    Its pixels are `pitch_px` level-0 pixels of the source wide, and the first begins at `origin_px` (across,
    down).
    """
    measures = source.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    down_mm, across_mm = (float(each) for each in measures.PixelSpacing)
    directions = [float(each) for each in source.ImageOrientationSlide]
    along, below = np.array(directions[:3]), np.array(directions[3:])
    origin = source.TotalPixelMatrixOriginSequence[0]
    corner = np.array(
        [float(origin.XOffsetInSlideCoordinateSystem), float(origin.YOffsetInSlideCoordinateSystem), 0]
    )
    # Places are of the middles of pixels.
    right_px, below_px = (start + (pitch_px - 1) / 2 for start in origin_px)
    place = corner + along * right_px * across_mm + below * below_px * down_mm
    return (
        highdicom.PixelMeasuresSequence(
            pixel_spacing=(down_mm * pitch_px, across_mm * pitch_px),
            slice_thickness=float(measures.get("SliceThickness") or 0.001),
        ),
        highdicom.PlaneOrientationSequence("SLIDE", directions),
        highdicom.PlanePositionSequence("SLIDE", tuple(place.tolist()), pixel_matrix_position=(1, 1)),
    )
