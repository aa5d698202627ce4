"""GeoJSON in the form that QuPath writes and reads.

A feature has `properties.objectType`, `name`, `classification` (`name` or `names`, with `color` as [r, g, b]
or the older `colorRGB`), `isLocked`, `metadata` and `measurements`; `geometry.plane` says on which plane it
lies. What we need beyond that stands in `metadata`, which QuPath keeps. All else in a feature is kept as it
is, and a feature that nobody changed here is written as it was read.

Source: the files that QuPath 0.2 to 0.6 writes; RFC 7946 for the rest.
"""

import copy
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from hemalum.formats.annotations.model import (
    GEOMETRIES,
    KIND_OF_GEOMETRY,
    Annotation,
    AnnotationKind,
    Box,
    positions_of,
)
from hemalum.formats.annotations.reading import Read, decode_json
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence

NOTE = "ANNOTATION_DESCRIPTION"
"""Where QuPath keeps the description of an annotation, in its metadata."""
KIND = "hemalum.kind"
SHAPE = "hemalum.shape"
KEPT = "geojson"
"""Under what the feature that was read is kept in `Annotation.extra`, without its coordinates."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def read_geojson(content: bytes) -> Read:
    """The annotations in a feature, a list of features or a collection.

    Raises:
        Invalid: the file is no GeoJSON.
    """
    found = decode_json(content)
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        found = found.get("features")
    features = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) and "geometry" in each for each in features):
        raise Invalid("The file holds no GeoJSON features.")
    read = Read()
    taken: set[str] = set()
    for feature in features:
        annotation = _annotation(feature, read)
        if annotation is None:
            continue
        if annotation.id in taken:
            annotation = replace(annotation, id=uuid.uuid4().hex)
        taken.add(annotation.id)
        read.annotations.append(annotation)
    return read


def feature_of(
    annotation: Annotation, colours: Mapping[str, str], measurements: Mapping[str, float]
) -> dict[str, Any]:
    """An annotation as a feature: the one that was read, with what was changed since put in.

    `colours` are those of classes by name. `measurements` go into features that were drawn here; those that
    were read keep what they came with.
    """
    kept = annotation.extra.get(KEPT)
    if kept is None:
        properties: dict[str, Any] = {"objectType": "annotation"}
        feature: dict[str, Any] = {"type": "Feature", "id": annotation.id, "geometry": {}}
        feature["properties"] = properties
        if measurements:
            properties["measurements"] = dict(measurements)
    else:
        feature = copy.deepcopy(dict(kept))
    feature["geometry"] = {**feature["geometry"], **annotation.geometry}
    before = _fields(feature, annotation.geometry)
    now = _with_colour(annotation, before, colours)
    for name, put in _PUTS.items():
        if getattr(now, name) != before[name]:
            put(feature, now)
    return feature


def _with_colour(annotation: Annotation, before: Mapping[str, Any], colours: Mapping[str, str]) -> Annotation:
    if annotation.colour is not None or annotation.class_name is None:
        return annotation
    if annotation.class_name == before["class_name"]:
        return replace(annotation, colour=before["colour"])
    return replace(annotation, colour=colours.get(annotation.class_name))


def write_geojson(features: Iterable[Mapping[str, Any]]) -> bytes:
    """A collection of what `feature_of` gives."""
    return msgspec.json.encode({"type": "FeatureCollection", "features": list(features)})


# Reading -----------------------------------------------------------------------------------------------


def _annotation(feature: dict[str, Any], read: Read) -> Annotation | None:
    what = _name_of(feature)
    geometry = feature["geometry"]
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in KIND_OF_GEOMETRY or "coordinates" not in geometry:
        read.skip(what, Sentence("Its geometry is of a kind that cannot be drawn."))
        return None
    if not isinstance(feature.get("properties"), dict | None):
        read.skip(what, Sentence("Its properties are not a list of names and values."))
        return None
    plain = {"type": kind, "coordinates": geometry["coordinates"]}
    rest = {name: value for name, value in geometry.items() if name not in plain}
    identifier = feature.get("id")
    is_own = isinstance(identifier, str) and _UUID.fullmatch(identifier)
    try:
        fields = _fields(feature, plain)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError):
        read.skip(what, Sentence("Its geometry or properties are not in a form that QuPath writes."))
        return None
    return Annotation(
        id=str(identifier) if is_own else uuid.uuid4().hex,
        geometry=plain,
        extra={KEPT: feature | {"geometry": rest}},
        **fields,
    )


def _name_of(feature: Mapping[str, Any]) -> str:
    properties = feature.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name or feature.get("id") or "-")


def _fields(feature: Mapping[str, Any], geometry: Mapping[str, Any]) -> dict[str, Any]:
    """What a feature says, by the name of our field."""
    properties = feature.get("properties") or {}
    metadata = properties.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kind, shape = _kind_of(feature, metadata, geometry)
    class_name, colour = _class_of(properties.get("classification"))
    name, note = properties.get("name"), metadata.get(NOTE)
    return {
        "kind": kind,
        "shape": shape,
        "plane": _plane_of(feature["geometry"]),
        "class_name": class_name,
        "colour": colour,
        "name": name if isinstance(name, str) else "",
        "note": note if isinstance(note, str) else "",
        "locked": properties.get("isLocked") is True,
    }


def _kind_of(
    feature: Mapping[str, Any], metadata: Mapping[str, Any], geometry: Mapping[str, Any]
) -> tuple[AnnotationKind, Box | None]:
    said = metadata.get(KIND)
    if said in set(AnnotationKind) and geometry["type"] in GEOMETRIES[AnnotationKind(said)]:
        return AnnotationKind(said), _shape_of(metadata.get(SHAPE))
    if geometry["type"] == "LineString" and len(geometry["coordinates"]) == 2:
        return AnnotationKind.LINE, None
    kind = KIND_OF_GEOMETRY[geometry["type"]]
    if geometry["type"] != "Polygon" or len(geometry["coordinates"]) != 1:
        return kind, None
    frame = _frame_of(geometry)
    if feature["geometry"].get("isEllipse") is True:
        return AnnotationKind.ELLIPSE, frame
    corners = {(x, y) for x, y in geometry["coordinates"][0]}
    of_frame = {(x, y) for x in (frame.x, frame.x + frame.width) for y in (frame.y, frame.y + frame.height)}
    if len(geometry["coordinates"][0]) == 5 and corners == of_frame:
        return AnnotationKind.RECTANGLE, frame
    return kind, None


def _frame_of(geometry: Mapping[str, Any]) -> Box:
    across, down = zip(*positions_of(geometry), strict=True)
    left, top = min(across), min(down)
    return Box(left, top, max(across) - left, max(down) - top)


def _shape_of(said: Any) -> Box | None:
    if not isinstance(said, str):
        return None
    try:
        return Box(*(float(part) for part in said.split()))
    except (TypeError, ValueError):
        return None


def _class_of(classification: Any) -> tuple[str | None, str | None]:
    """The name of the class, parts of a derived one joined as QuPath shows them, and its colour."""
    if isinstance(classification, str):
        return classification or None, None
    if not isinstance(classification, dict):
        return None, None
    names = classification.get("names")
    name = ": ".join(map(str, names)) if isinstance(names, list) else classification.get("name")
    name = name if isinstance(name, str) else None
    colour = classification.get("color")
    if isinstance(colour, list) and len(colour) == 3:
        red, green, blue = (int(part) & 0xFF for part in colour)
        return (name or None), f"#{red:02x}{green:02x}{blue:02x}"
    packed = classification.get("colorRGB")
    return (name or None), f"#{packed & 0xFFFFFF:06x}" if isinstance(packed, int) else None


def _plane_of(geometry: Mapping[str, Any]) -> int | None:
    plane = geometry.get("plane")
    found = plane.get("z") if isinstance(plane, dict) else None
    return found if isinstance(found, int) else None


# Writing -----------------------------------------------------------------------------------------------


def _put_kind(feature: dict[str, Any], annotation: Annotation) -> None:
    metadata = _metadata_of(feature)
    metadata[KIND] = annotation.kind.value
    feature["geometry"].pop("isEllipse", None)
    _put_shape(feature, annotation)


def _put_shape(feature: dict[str, Any], annotation: Annotation) -> None:
    shape, metadata = annotation.shape, _metadata_of(feature)
    metadata[KIND] = annotation.kind.value
    if shape is None:
        metadata.pop(SHAPE, None)
    else:
        numbers = (shape.x, shape.y, shape.width, shape.height, shape.angle)
        metadata[SHAPE] = " ".join(f"{number!r}" for number in numbers)


def _put_plane(feature: dict[str, Any], annotation: Annotation) -> None:
    if annotation.plane is None:
        feature["geometry"].pop("plane", None)
        return
    plane = feature["geometry"].get("plane")
    others = plane if isinstance(plane, dict) else {"c": -1, "t": 0}
    feature["geometry"]["plane"] = others | {"z": annotation.plane}


def _put_class(feature: dict[str, Any], annotation: Annotation) -> None:
    properties = _properties_of(feature)
    if annotation.class_name is None:
        properties.pop("classification", None)
        return
    properties["classification"] = {"name": annotation.class_name}
    if annotation.colour is not None:
        numbers = bytes.fromhex(annotation.colour.removeprefix("#"))
        properties["classification"]["color"] = list(numbers)


def _put_name(feature: dict[str, Any], annotation: Annotation) -> None:
    _properties_of(feature)["name"] = annotation.name


def _put_note(feature: dict[str, Any], annotation: Annotation) -> None:
    _metadata_of(feature)[NOTE] = annotation.note


def _put_locked(feature: dict[str, Any], annotation: Annotation) -> None:
    _properties_of(feature)["isLocked"] = annotation.locked


_PUTS = {
    "kind": _put_kind,
    "shape": _put_shape,
    "plane": _put_plane,
    "class_name": _put_class,
    "colour": _put_class,
    "name": _put_name,
    "note": _put_note,
    "locked": _put_locked,
}
"""How a field that was changed goes into a feature."""


def _properties_of(feature: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(feature.get("properties"), dict):
        feature["properties"] = {}
    properties: dict[str, Any] = feature["properties"]
    return properties


def _metadata_of(feature: dict[str, Any]) -> dict[str, Any]:
    properties = _properties_of(feature)
    if not isinstance(properties.get("metadata"), dict):
        properties["metadata"] = {}
    metadata: dict[str, Any] = properties["metadata"]
    return metadata
