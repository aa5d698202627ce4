"""ASAP XML: the annotations of the viewer of Radboud UMC, as in CAMELYON.

Coordinates are pixels of level 0. A class is a group with a colour. ASAP knows dots, sets of points, polygons
without holes, rectangles and splines; a spline's curve between its points is ASAP's own, so it is not taken
over as a polygon through them.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.formats.annotations.reading import Read, colour_of
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence

HOLES = "Hole"
"""The group into which holes are written."""

_NO_GROUP = ("None", "")
_KINDS = {
    "Dot": AnnotationKind.POINT,
    "PointSet": AnnotationKind.POINTS,
    "Polygon": AnnotationKind.POLYGON,
    "Rectangle": AnnotationKind.POLYGON,
}


def read_asap(content: bytes) -> Read:
    """The annotations in an ASAP file.

    Raises:
        Invalid: the file is none.
    """
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Invalid("The file is not XML: {complaint}.", complaint=str(error)) from error
    if root.tag != "ASAP_Annotations":
        raise Invalid("The file is XML, but not an ASAP file.")
    colours = {group.get("Name"): group.get("Color") for group in root.iterfind("AnnotationGroups/Group")}
    read = Read()
    for element in root.iterfind("Annotations/Annotation"):
        _take(element, colours, read)
    return read


def _take(element: Element, colours: Mapping[str | None, str | None], read: Read) -> None:
    name = element.get("Name", "")
    kind = _KINDS.get(element.get("Type", ""))
    if kind is None:
        read.skip(name, Sentence("ASAP's {type} cannot be drawn here.", {"type": element.get("Type", "-")}))
        return
    try:
        places = [
            [float(each.get("X", "")), float(each.get("Y", ""))]
            for each in sorted(element.iterfind("Coordinates/Coordinate"), key=_order)
        ]
        coordinates = _coordinates(kind, places)
    except (ValueError, IndexError):
        read.skip(name, Sentence("Its coordinates are not numbers."))
        return
    group = element.get("PartOfGroup", "")
    colour = colour_of(colours.get(group) or element.get("Color"))
    types = {AnnotationKind.POINT: "Point", AnnotationKind.POINTS: "MultiPoint"}
    geometry = {"type": types.get(kind, "Polygon"), "coordinates": coordinates}
    class_name = None if group in _NO_GROUP else group
    read.annotations.append(
        Annotation(uuid.uuid4().hex, kind, geometry, class_name=class_name, name=name, colour=colour)
    )


def _order(coordinate: Element) -> float:
    return float(coordinate.get("Order", ""))


def _coordinates(kind: AnnotationKind, places: list[list[float]]) -> Any:
    if kind is AnnotationKind.POINT:
        return places[0]
    if kind is AnnotationKind.POINTS:
        return places
    return [places if places[0] == places[-1] else [*places, places[0]]]


def write_asap(annotations: Iterable[Annotation], colours: Mapping[str, str]) -> tuple[bytes, int]:
    """An ASAP file, and how many annotations are left out because ASAP has no lines.

    Holes become polygons of the group `HOLES`. `colours` are those of classes by name.
    """
    root = Element("ASAP_Annotations")
    drawn = SubElement(root, "Annotations")
    groups: dict[str, str] = {}
    left_out = 0
    for annotation in annotations:
        pieces = list(_pieces(annotation))
        left_out += not pieces
        for kind, places, is_hole in pieces:
            group = HOLES if is_hole else annotation.class_name or _NO_GROUP[0]
            colour = annotation.colour or colours.get(annotation.class_name or "", "#F4FA58")
            if group not in _NO_GROUP:
                groups.setdefault(group, colour)
            _write(drawn, annotation, kind, places, group, colour)
    listed = SubElement(root, "AnnotationGroups")
    for group, colour in groups.items():
        SubElement(listed, "Group", Name=group, PartOfGroup=_NO_GROUP[0], Color=colour)
    return tostring(root, encoding="utf-8", xml_declaration=True), left_out


def _pieces(annotation: Annotation) -> Iterable[tuple[str, Any, bool]]:
    """What ASAP draws of an annotation: its word for it, the places, and whether it is a hole."""
    kind, coordinates = annotation.geometry["type"], annotation.geometry["coordinates"]
    if kind == "Point":
        yield "Dot", [coordinates], False
    elif kind == "MultiPoint":
        yield "PointSet", coordinates, False
    elif kind in ("Polygon", "MultiPolygon"):
        for polygon in [coordinates] if kind == "Polygon" else coordinates:
            for number, ring in enumerate(polygon):
                yield "Polygon", ring[:-1], number > 0


def _write(drawn: Element, annotation: Annotation, kind: str, places: Any, group: str, colour: str) -> None:
    name = _written(annotation.name or annotation.id)
    element = SubElement(drawn, "Annotation", Name=name, Type=kind, PartOfGroup=_written(group), Color=colour)
    listed = SubElement(element, "Coordinates")
    for order, (x, y) in enumerate(places):
        SubElement(listed, "Coordinate", Order=str(order), X=f"{x!r}", Y=f"{y!r}")


def _written(text: str) -> str:
    """Text without the control characters that XML 1.0 cannot hold."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")
