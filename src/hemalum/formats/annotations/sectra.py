"""Sectra's pathology viewer: annotations as its web interface answers them, one or a list.

Coordinates, x as well as y, are parts of the width of the image: of the samples that were seen, only that
gives both the length and the area that stand in them as `result`.
"""

import uuid
from typing import Any

from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.formats.annotations.reading import Read, decode_json
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.sentence import Sentence

KEPT = "sectra"

_KEPT_MEMBERS = ("id", "type", "result", "modifiedInfo", "modifiedAt", "slideId")


def read_sectra(content: bytes, size: PixelSize) -> Read:
    """The annotations in an answer of Sectra, for an image of this size.

    Raises:
        Invalid: the file is none.
    """
    found = decode_json(content)
    found = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) and "content" in each and "type" in each for each in found):
        raise Invalid("The file holds no Sectra annotations.")
    read = Read()
    for each in found:
        what = each.get("name") or each.get("id") or "-"
        try:
            places = [
                [float(place["x"]) * size.width_px, float(place["y"]) * size.width_px]
                for place in each["content"]
            ]
            kind, geometry = _drawn(each["type"], places)
        except (TypeError, ValueError, KeyError, IndexError):
            read.skip(what, Sentence("Its coordinates are not numbers."))
            continue
        if kind is None:
            read.skip(what, Sentence("Sectra's {type} cannot be drawn here.", {"type": str(each["type"])}))
            continue
        name = each.get("name")
        extra = {KEPT: {member: each[member] for member in _KEPT_MEMBERS if member in each}}
        read.annotations.append(
            Annotation(
                uuid.uuid4().hex, kind, geometry, name=name if isinstance(name, str) else "", extra=extra
            )
        )
    return read


def _drawn(kind: str, places: list[list[float]]) -> tuple[AnnotationKind | None, dict[str, Any]]:
    if kind == "Area":
        return AnnotationKind.POLYGON, {"type": "Polygon", "coordinates": [[*places, places[0]]]}
    if kind == "Polyline":
        line = AnnotationKind.LINE if len(places) == 2 else AnnotationKind.POLYLINE
        return line, {"type": "LineString", "coordinates": places}
    return None, {}
