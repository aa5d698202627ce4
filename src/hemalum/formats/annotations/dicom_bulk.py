"""DICOM Microscopy Bulk Simple Annotations (PS3.3 A.87, C.37.1), written and read through highdicom.

Coordinates are relative to the image ("2D", total pixel matrix, origin in the top left corner of the first
pixel), in double precision: just ours. One group for each class and form. The object knows no holes, names,
notes or planes; what has a hole is left out, never drawn without it.
"""

import math
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import highdicom
import numpy as np
from highdicom.ann import AnnotationGroup, GraphicTypeValues, Measurements, MicroscopyBulkSimpleAnnotations
from highdicom.color import CIELabColor
from numpy.typing import NDArray
from pydicom.sr.codedict import codes

from hemalum.formats.annotations.dicom_source import (
    SERIES_NUMBER,
    bytes_of,
    class_of,
    code_of,
    equipment,
    person_of,
    read_source,
    referenced_by,
    text_of,
)
from hemalum.formats.annotations.model import Annotation, AnnotationKind, Box
from hemalum.formats.annotations.reading import Read
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

KEPT = "dicom"

_MEASURED = {
    "area_um2": (codes.SCT.Area, codes.UCUM.SquareMicrometer),
    "perimeter_um": (codes.SCT.Perimeter, codes.UCUM.Micrometer),
    "length_um": (codes.SCT.Length, codes.UCUM.Micrometer),
}
_CORNERS_OF_ELLIPSE = 72


@dataclass
class _Group:
    """What goes into one group of the object."""

    graphics: list[NDArray[np.float64]] = field(default_factory=list)
    measured: list[Mapping[str, float]] = field(default_factory=list)
    colour: str | None = None


def write_bulk(
    header: bytes,
    annotations: Sequence[Mapping[str, Any]],
    measured: Sequence[Mapping[str, float]],
    colours: Mapping[str, str],
    names_patient: bool,
    creator: str,
) -> dict[str, Any]:
    """The object for annotations of an image, and how many it cannot hold.

    Plain arguments, for a child process: `header` is the level-0 instance up to its pixels, `measured` the
    values for each annotation by name.
    """
    source = read_source(header, names_patient=names_patient)
    groups: dict[tuple[str | None, GraphicTypeValues], _Group] = defaultdict(_Group)
    left_out = 0
    for plain, values in zip(annotations, measured, strict=True):
        annotation = typed(plain, Annotation)
        graphics = list(_graphics(annotation))
        left_out += not graphics
        for kind, places in graphics:
            group = groups[annotation.class_name, kind]
            group.graphics.append(places)
            # The numbers are of the whole: a part of it has none.
            group.measured.append(values if len(graphics) == 1 else {})
            group.colour = annotation.colour or colours.get(annotation.class_name or "")
    if not groups:
        raise Invalid("There is nothing on this slide that a DICOM object of this kind can hold.")
    made = MicroscopyBulkSimpleAnnotations(
        source_images=[source],
        annotation_coordinate_type="2D",
        annotation_groups=[
            _group(number, class_name, kind, group)
            for number, ((class_name, kind), group) in enumerate(groups.items(), 1)
        ],
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        content_label="ANNOTATIONS",
        content_creator_name=person_of(creator),
        **equipment(),
    )
    return {"content": bytes_of(made), "left_out": left_out}


def _group(number: int, class_name: str | None, kind: GraphicTypeValues, group: _Group) -> AnnotationGroup:
    measurements = [
        Measurements(name, np.array([one[key] for one in group.measured], dtype=np.float32), unit)
        for key, (name, unit) in _MEASURED.items()
        if group.measured and all(key in one for one in group.measured)
    ]
    rgb = None if group.colour is None else bytes.fromhex(group.colour.removeprefix("#"))
    return AnnotationGroup(
        number=number,
        uid=highdicom.UID(),
        label=text_of(class_name or codes.DCM.SelectedRegion.meaning),
        annotated_property_category=codes.SCT.Tissue,
        annotated_property_type=code_of(class_name),
        graphic_type=kind,
        graphic_data=group.graphics,
        algorithm_type="MANUAL",
        measurements=measurements or None,
        display_color=None if rgb is None else CIELabColor.from_rgb(*rgb),
    )


def _graphics(annotation: Annotation) -> Iterator[tuple[GraphicTypeValues, NDArray[np.float64]]]:
    """The graphics of an annotation; none when a hole stands in the way."""
    kind, coordinates = annotation.geometry["type"], annotation.geometry["coordinates"]
    if kind == "Point":
        yield GraphicTypeValues.POINT, _array([coordinates])
    elif kind == "MultiPoint":
        for place in coordinates:
            yield GraphicTypeValues.POINT, _array([place])
    elif kind == "LineString":
        yield GraphicTypeValues.POLYLINE, _array(coordinates)
    else:
        polygons = [coordinates] if kind == "Polygon" else coordinates
        if any(len(rings) > 1 for rings in polygons):
            return
        shape = annotation.shape
        if annotation.kind is AnnotationKind.ELLIPSE and shape is not None:
            yield GraphicTypeValues.ELLIPSE, ends_of_axes(shape)
            return
        for rings in polygons:
            yield GraphicTypeValues.POLYGON, _array(rings[0][:-1])


def ends_of_axes(shape: Box) -> NDArray[np.float64]:
    """The ends of the longer and of the shorter axis of the ellipse in a frame."""
    angle = math.radians(shape.angle)
    along, across = (
        np.array([math.cos(angle), math.sin(angle)]),
        np.array([-math.sin(angle), math.cos(angle)]),
    )
    centre = np.array([shape.x + shape.width / 2, shape.y + shape.height / 2])
    axes = sorted([(shape.width, along), (shape.height, across)], key=lambda axis: -axis[0])
    return np.stack([centre + sign * length / 2 * axis for length, axis in axes for sign in (-1, 1)])


def _array(places: Any) -> NDArray[np.float64]:
    return np.asarray(places, dtype=np.float64)


# Reading -----------------------------------------------------------------------------------------------


def read_bulk(dataset: Any, downsamples: Mapping[str, float]) -> Read:
    """The annotations in an object about an image; its instances' downsamples are given by SOP Instance UID.

    Raises:
        Invalid: its annotations do not lie on the image, or on another one.
    """
    downsample = _downsample(dataset, downsamples)
    made = MicroscopyBulkSimpleAnnotations.from_dataset(dataset, copy=False)
    if made.AnnotationCoordinateType != "2D":
        raise Invalid("The annotations lie on the glass, not on the image; only those on the image are read.")
    read = Read()
    for group in made.get_annotation_groups():
        class_name = class_of(group.annotated_property_type)
        kept = {
            "group": str(group.uid),
            "label": group.label,
            "code": str(group.annotated_property_type.value),
        }
        for number, places in enumerate(group.get_graphic_data(coordinate_type="2D"), 1):
            drawn = _drawn(group.graphic_type, _array(places)[:, :2] * downsample)
            if drawn is None:
                read.skip(f"{group.label} {number}", Sentence("It has fewer corners than its kind needs."))
                continue
            kind, geometry, shape = drawn
            read.annotations.append(
                Annotation(uuid.uuid4().hex, kind, geometry, shape, class_name=class_name, extra={KEPT: kept})
            )
    return read


def _downsample(dataset: Any, downsamples: Mapping[str, float]) -> float:
    found = [downsamples[uid] for uid in referenced_by(dataset) if uid in downsamples]
    if not found:
        raise Invalid("The annotations in this object belong to another image.")
    return found[0]


def _drawn(
    graphic: GraphicTypeValues, places: NDArray[np.float64]
) -> tuple[AnnotationKind, dict[str, Any], Box | None] | None:
    listed = places.tolist()
    if graphic is GraphicTypeValues.POINT:
        return AnnotationKind.POINT, {"type": "Point", "coordinates": listed[0]}, None
    if graphic is GraphicTypeValues.POLYLINE:
        kind = AnnotationKind.LINE if len(listed) == 2 else AnnotationKind.POLYLINE
        return kind, {"type": "LineString", "coordinates": listed}, None
    if graphic is GraphicTypeValues.ELLIPSE:
        shape, outline = ellipse_of(places)
        return AnnotationKind.ELLIPSE, {"type": "Polygon", "coordinates": [outline]}, shape
    if len(listed) < 3:
        return None
    ring = listed if listed[0] == listed[-1] else [*listed, listed[0]]
    return AnnotationKind.POLYGON, {"type": "Polygon", "coordinates": [ring]}, None


def ellipse_of(ends: NDArray[np.float64]) -> tuple[Box, list[list[float]]]:
    """Frame and outline of the ellipse whose axes end there."""
    centre = ends.mean(axis=0)
    longer, shorter = (ends[1] - ends[0]) / 2, (ends[3] - ends[2]) / 2
    width, height = 2 * float(np.hypot(*longer)), 2 * float(np.hypot(*shorter))
    angle = math.degrees(math.atan2(longer[1], longer[0]))
    around = np.linspace(0, 2 * math.pi, _CORNERS_OF_ELLIPSE, endpoint=False)[:, None]
    outline = (centre + np.cos(around) * longer + np.sin(around) * shorter).tolist()
    left, top = centre - np.array([width, height]) / 2
    return Box(float(left), float(top), width, height, angle), [*outline, outline[0]]
