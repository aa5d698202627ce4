"""Measurements as a DICOM structured report by TID 1500 (PS3.16), written through highdicom.

Each closed outline is a Planar ROI Measurements group (TID 1410) with its area and perimeter; each line is a
Measurement Group (TID 1501) with its length, for TID 1410 asks for a region. Points, each by itself, are
regions without a measurement. Coordinates are SCOORD on the total pixel matrix of level 0. A region with a
hole or of several parts is left out: TID 1410 holds one outline.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import highdicom
import msgspec
import numpy as np
from highdicom import sr
from pydicom.sr.codedict import codes

from hemalum.formats.annotations.dicom_bulk import ends_of_axes
from hemalum.formats.annotations.dicom_source import (
    MANUFACTURER,
    SERIES_NUMBER,
    bytes_of,
    code_of,
    person_of,
    read_source,
    text_of,
)
from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.kernel.errors import Invalid

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
        _groups(msgspec.convert(plain, Annotation), values, image)
        for plain, values in zip(annotations, measured, strict=True)
    ]
    groups = [group for of_one in each for group in of_one]
    if not groups:
        raise Invalid("There is nothing on this slide that a DICOM object of this kind can hold.")
    observer = sr.ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(name=person_of(creator)),
    )
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_person_context=observer),
        procedure_reported=codes.DCM.WholeSlideImaging,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=[source],
    )
    made = sr.Comprehensive3DSR(
        evidence=[source],
        content=content,
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER + 1,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
    )
    return {"content": bytes_of(made), "left_out": sum(not of_one for of_one in each)}


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
