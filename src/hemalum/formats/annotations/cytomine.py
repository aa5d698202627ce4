"""Cytomine: annotations as its web interface answers them, one or a collection.

`location` is a geometry in WKT. Cytomine counts y from the lower edge of the image up, so the height of the
image is needed to turn it over. Terms are only numbers in these files; they are kept and name no class.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import shapely

from hemalum.formats.annotations.model import KIND_OF_GEOMETRY, Annotation, AnnotationKind
from hemalum.formats.annotations.reading import Read, decode_json
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.sentence import Sentence

KEPT = "cytomine"

_KEPT_MEMBERS = ("id", "term", "created", "user", "project", "image")


def read_cytomine(content: bytes, size: PixelSize) -> Read:
    """The annotations in an answer of Cytomine, for an image of this size.

    Raises:
        Invalid: the file is none.
    """
    read = Read()
    for found in _annotations(decode_json(content)):
        what = str(found.get("id", "-"))
        try:
            shape = shapely.from_wkt(found["location"])
            geometry = _turned_over(shapely.geometry.mapping(shape), size.height_px)
        except (shapely.errors.GEOSException, TypeError, ValueError, LookupError, AttributeError):
            read.skip(what, Sentence("Its location is not a geometry that can be drawn."))
            continue
        extra = {KEPT: {name: found[name] for name in _KEPT_MEMBERS if name in found}}
        kind = KIND_OF_GEOMETRY[geometry["type"]]
        if kind is AnnotationKind.POLYLINE and len(geometry["coordinates"]) == 2:
            kind = AnnotationKind.LINE
        read.annotations.append(Annotation(uuid.uuid4().hex, kind, geometry, extra=extra))
    return read


def _annotations(found: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, dict):
        found = found.get("collection") or [found.get("annotation") or found]
    if not isinstance(found, list) or not all(
        isinstance(each, dict) and "location" in each for each in found
    ):
        raise Invalid("The file holds no Cytomine annotations.")
    yield from found


def _turned_over(geometry: Mapping[str, Any], height_px: int) -> dict[str, Any]:
    if geometry["type"] not in KIND_OF_GEOMETRY:
        raise ValueError(geometry["type"])

    def turned(part: Any) -> Any:
        if isinstance(part[0], float | int):
            return [part[0], height_px - part[1]]
        return [turned(each) for each in part]

    return {"type": geometry["type"], "coordinates": turned(geometry["coordinates"])}
