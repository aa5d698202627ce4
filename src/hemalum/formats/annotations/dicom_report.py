"""Measurements as a DICOM structured report by TID 1500 (PS3.16): written through highdicom, and read.

Each closed outline is a Planar ROI Measurements group (TID 1410) with its area and perimeter; each line is a
Measurement Group (TID 1501) with its length, for TID 1410 asks for a region. Points, each by itself, are
regions without a measurement. Coordinates are SCOORD on the total pixel matrix of level 0. A region with a
hole or of several parts is left out: TID 1410 holds one outline.

What is read is every measurement group (125007, DCM) of any report, with the coordinates in it, wherever they
stand: region, length, or what a number was inferred from. Numbers are measured anew here.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import highdicom
import numpy as np
from highdicom import sr
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from hemalum.formats.annotations.dicom_bulk import KEPT, ellipse_of, ends_of_axes
from hemalum.formats.annotations.dicom_source import (
    MANUFACTURER,
    SERIES_NUMBER,
    bytes_of,
    class_of,
    code_of,
    person_of,
    read_source,
    text_of,
)
from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.formats.annotations.reading import Read
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

_MEASURED = {
    "area_um2": (codes.SCT.Area, codes.UCUM.SquareMicrometer),
    "perimeter_um": (codes.SCT.Perimeter, codes.UCUM.Micrometer),
}


def write_report(
    header: bytes,
    annotations: Sequence[Mapping[str, Any]],
    measured: Sequence[Mapping[str, float]],
    names_patient: bool,
    creator: str,
) -> dict[str, Any]:
    """The report for annotations of an image, and how many it cannot hold; see `dicom_bulk.write_bulk`."""
    source = read_source(header, names_patient=names_patient)
    image = sr.SourceImageForRegion.from_source_image(source)
    each = [
        _groups(typed(plain, Annotation), values, image)
        for plain, values in zip(annotations, measured, strict=True)
    ]
    groups = [group for of_one in each for group in of_one]
    if not groups:
        raise Invalid("There is nothing on this slide that a DICOM object of this kind can hold.")
    observer = sr.ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(name=person_of(creator)),
    )
    made = measurement_report(source, sr.ObservationContext(observer_person_context=observer), groups)
    return {"content": bytes_of(made), "left_out": sum(not of_one for of_one in each)}


def measurement_report(
    source: Any,
    observed: sr.ObservationContext,
    groups: Sequence[Any],
    *,
    is_complete: bool = False,
    is_final: bool = True,
) -> Any:
    """A new report by TID 1500 with these measurement groups of a slide, which nobody has verified.

    `source` is the data set of the level-0 instance; `observed` says who or what measured.
    """
    content = sr.MeasurementReport(
        observation_context=observed,
        procedure_reported=codes.DCM.WholeSlideImaging,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=[source],
    )
    return sr.Comprehensive3DSR(
        evidence=[source],
        content=content,
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER + 1,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=is_complete,
        is_final=is_final,
        is_verified=False,
    )


def _groups(annotation: Annotation, values: Mapping[str, float], image: Any) -> list[Any]:
    """The measurement groups of an annotation; none when TID 1500 has no form for it."""
    finding, name = code_of(annotation.class_name), text_of(annotation.name or annotation.id)
    kind, coordinates = annotation.geometry["type"], annotation.geometry["coordinates"]
    if kind == "LineString":
        return _line(name, finding, coordinates, values, image)
    measurements = [
        sr.Measurement(concept, values[key], unit)
        for key, (concept, unit) in _MEASURED.items()
        if key in values
    ]
    return [
        sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=sr.TrackingIdentifier(uid=highdicom.UID(), identifier=name),
            referenced_region=sr.ImageRegion(form, np.asarray(places, dtype=np.float64), image, "VOLUME"),
            finding_type=finding,
            measurements=measurements,
        )
        for form, places in _regions(annotation, kind, coordinates)
    ]


def _line(name: str, finding: Any, coordinates: Any, values: Mapping[str, float], image: Any) -> list[Any]:
    if "length_um" not in values:
        return []
    place = sr.CoordinatesForMeasurement("POLYLINE", np.asarray(coordinates, dtype=np.float64), image)
    length = sr.Measurement(
        codes.SCT.Length, values["length_um"], codes.UCUM.Micrometer, referenced_coordinates=[place]
    )
    tracking = sr.TrackingIdentifier(uid=highdicom.UID(), identifier=name)
    return [
        sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking, finding_type=finding, measurements=[length]
        )
    ]


def _regions(annotation: Annotation, kind: str, coordinates: Any) -> Iterator[tuple[str, Any]]:
    if kind == "Point":
        yield "POINT", [coordinates]
    elif kind == "MultiPoint":
        for place in coordinates:
            yield "POINT", [place]
    elif kind == "Polygon" and len(coordinates) == 1:
        if annotation.kind is AnnotationKind.ELLIPSE and annotation.shape is not None:
            yield "ELLIPSE", ends_of_axes(annotation.shape)
        else:
            yield "POLYLINE", coordinates[0]


# Reading -----------------------------------------------------------------------------------------------

_GROUP, _TRACKING, _FINDING = "125007", "112039", "121071"
"""Code values of DCM: Measurement Group, Tracking Identifier, Finding."""
_MOST_DEPTH = 50
_TOO_FEW = Sentence("It has fewer corners than its kind needs.")
_ON_THE_GLASS = Sentence("It lies on the glass, not on the image.")
_IN_A_FRAME = Sentence("Its coordinates are those of a single frame.")
_ELSEWHERE = Sentence("It belongs to another image.")
_OTHER_GRAPHIC = Sentence("There is no such kind of annotation here.")


def read_report(dataset: Any, downsamples: Mapping[str, float]) -> Read:
    """What the measurement groups of a report draw on an image, whose instances' downsamples are given.

    Raises:
        Invalid: nothing in it is about this image.
    """
    read, is_of_this = Read(), False
    for group in _measurement_groups(dataset):
        name = _value_of(group, _TRACKING, "TextValue")
        finding = _value_of(group, _FINDING, "ConceptCodeSequence")
        class_name, code = (None, None) if finding is None else _class(finding[0])
        for item in _coordinates(group):
            what = name or str(item.get("GraphicType", ""))
            downsample = downsamples.get(_image_of(item))
            is_of_this |= downsample is not None
            drawn = _drawn(item, downsample)
            if isinstance(drawn, Sentence):
                read.skip(what, drawn)
                continue
            kind, geometry, shape = drawn
            read.annotations.append(
                Annotation(
                    uuid.uuid4().hex,
                    kind,
                    geometry,
                    shape,
                    class_name=class_name,
                    name=name or "",
                    extra={KEPT: {"code": code}} if code else {},
                )
            )
    if not is_of_this and (read.annotations or read.skipped):
        raise Invalid("The annotations in this object belong to another image.")
    return read


def _measurement_groups(item: Any, depth: int = 0) -> Iterator[Any]:
    """The measurement groups under an item; a report that nests them deeper than any does is not followed."""
    for child in item.get("ContentSequence") or ():
        if _concept(child) == _GROUP:
            yield child
        elif depth < _MOST_DEPTH:
            yield from _measurement_groups(child, depth + 1)


def _coordinates(item: Any, depth: int = 0) -> Iterator[Any]:
    for child in item.get("ContentSequence") or ():
        if child.get("ValueType") in ("SCOORD", "SCOORD3D"):
            yield child
        elif depth < _MOST_DEPTH:
            yield from _coordinates(child, depth + 1)


def _concept(item: Any) -> str | None:
    named = item.get("ConceptNameCodeSequence")
    return str(named[0].get("CodeValue", "")) if named else None


def _value_of(group: Any, concept: str, keyword: str) -> Any:
    found = (child.get(keyword) for child in group.get("ContentSequence") or () if _concept(child) == concept)
    return next((value for value in found if value), None)


def _class(coded: Any) -> tuple[str | None, str]:
    keywords = ("CodeValue", "LongCodeValue", "URNCodeValue")
    code = Code(
        next((str(coded[keyword].value) for keyword in keywords if keyword in coded), ""),
        str(coded.get("CodingSchemeDesignator", "")),
        str(coded.get("CodeMeaning", "")),
    )
    return class_of(code), code.value


def _image_of(item: Any) -> str:
    images = (child.get("ReferencedSOPSequence") for child in item.get("ContentSequence") or ())
    return next((str(found[0].get("ReferencedSOPInstanceUID", "")) for found in images if found), "")


def _names_frame(item: Any) -> bool:
    """Whether it refers to a frame, and so to its corner, without saying that it means the whole."""
    images = (child.get("ReferencedSOPSequence") for child in item.get("ContentSequence") or ())
    named = any(found and "ReferencedFrameNumber" in found[0] for found in images)
    return named and "PixelOriginInterpretation" not in item


type _Drawn = tuple[AnnotationKind, dict[str, Any], Any]


def _drawn(item: Any, downsample: float | None) -> _Drawn | Sentence:
    """A content item with coordinates as something drawn, or why it is nothing."""
    if item.ValueType == "SCOORD3D":
        return _ON_THE_GLASS
    if downsample is None:
        return _ELSEWHERE
    if item.get("PixelOriginInterpretation") == "FRAME" or _names_frame(item):
        return _IN_A_FRAME
    values = np.asarray(item.get("GraphicData") or [], dtype=np.float64)
    places = values[: len(values) // 2 * 2].reshape(-1, 2) * downsample
    return _shape_of(str(item.get("GraphicType", "")), places)


def _shape_of(graphic: str, places: Any) -> _Drawn | Sentence:
    listed = places.tolist()
    if graphic == "POINT" and len(listed) == 1:
        return AnnotationKind.POINT, {"type": "Point", "coordinates": listed[0]}, None
    if graphic == "MULTIPOINT" and listed:
        return AnnotationKind.POINTS, {"type": "MultiPoint", "coordinates": listed}, None
    if graphic == "POLYLINE" and len(listed) >= 4 and listed[0] == listed[-1]:
        return AnnotationKind.POLYGON, {"type": "Polygon", "coordinates": [listed]}, None
    if graphic == "POLYLINE" and len(listed) >= 2:
        kind = AnnotationKind.LINE if len(listed) == 2 else AnnotationKind.POLYLINE
        return kind, {"type": "LineString", "coordinates": listed}, None
    if graphic == "CIRCLE" and len(listed) == 2:
        centre, along = places[0], places[1] - places[0]
        across = np.array([-along[1], along[0]])
        return _ellipse(np.stack([centre - along, centre + along, centre - across, centre + across]))
    if graphic == "ELLIPSE" and len(listed) == 4:
        return _ellipse(places)
    known = ("POINT", "MULTIPOINT", "POLYLINE", "CIRCLE", "ELLIPSE")
    return _TOO_FEW if graphic in known else _OTHER_GRAPHIC


def _ellipse(ends: Any) -> _Drawn:
    shape, outline = ellipse_of(ends)
    return AnnotationKind.ELLIPSE, {"type": "Polygon", "coordinates": [outline]}, shape
