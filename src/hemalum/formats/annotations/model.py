"""What an annotation is, whatever file it came in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

type Position = Sequence[float]
type Geometry = Mapping[str, Any]
"""`{"type": ..., "coordinates": ...}` of GeoJSON: Polygon, MultiPolygon, LineString, Point or MultiPoint."""


class AnnotationKind(StrEnum):
    """What somebody drew, which says how it is edited; the geometry says where it lies."""

    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    BRUSH = "brush"
    LINE = "line"
    POLYLINE = "polyline"
    ARROW = "arrow"
    POINT = "point"
    POINTS = "points"
    RULER = "ruler"


GEOMETRIES: Mapping[AnnotationKind, frozenset[str]] = {
    AnnotationKind.RECTANGLE: frozenset({"Polygon"}),
    AnnotationKind.ELLIPSE: frozenset({"Polygon"}),
    AnnotationKind.POLYGON: frozenset({"Polygon", "MultiPolygon"}),
    AnnotationKind.BRUSH: frozenset({"Polygon", "MultiPolygon"}),
    AnnotationKind.LINE: frozenset({"LineString"}),
    AnnotationKind.POLYLINE: frozenset({"LineString"}),
    AnnotationKind.ARROW: frozenset({"LineString"}),
    AnnotationKind.POINT: frozenset({"Point"}),
    AnnotationKind.POINTS: frozenset({"MultiPoint"}),
    AnnotationKind.RULER: frozenset({"LineString"}),
}
"""The types of geometry that each kind may have."""

KIND_OF_GEOMETRY: Mapping[str, AnnotationKind] = {
    "Polygon": AnnotationKind.POLYGON,
    "MultiPolygon": AnnotationKind.POLYGON,
    "LineString": AnnotationKind.POLYLINE,
    "Point": AnnotationKind.POINT,
    "MultiPoint": AnnotationKind.POINTS,
}
"""What a geometry is taken for when its file does not say what was drawn."""


@dataclass(frozen=True, slots=True)
class Box:
    """The frame of a rectangle or ellipse before it is turned by `angle` degrees about its centre."""

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class Annotation:
    """One thing that somebody drew."""

    id: str
    kind: AnnotationKind
    geometry: Geometry
    shape: Box | None = None
    """Of a rectangle or ellipse, so that it can be edited as one; its geometry is the outline."""
    plane: int | None = None
    """Number of the focal plane it belongs to; None for all."""
    class_name: str | None = None
    name: str = ""
    note: str = ""
    locked: bool = False
    colour: str | None = None
    """Of its class as the file states it, "#rrggbb"."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What else the file said of it, to be written out again. Plain JSON."""


def rings_of(geometry: Geometry) -> Iterator[Sequence[Position]]:
    """The outlines of a Polygon or MultiPolygon, holes included; nothing of other geometries."""
    if geometry["type"] == "Polygon":
        yield from geometry["coordinates"]
    elif geometry["type"] == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def positions_of(geometry: Geometry) -> Iterator[Position]:
    """All positions of a geometry, the last of a ring too, which is its first."""
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        yield coordinates
    elif geometry["type"] in ("LineString", "MultiPoint"):
        yield from coordinates
    else:
        for ring in rings_of(geometry):
            yield from ring
