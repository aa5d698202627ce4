"""What can be drawn: the checks that every geometry passes before it is kept.

Outlines follow the Simple Features of OGC 06-103r4 (6.1.11): rings close, do not cross themselves or one
another, and holes lie inside. GEOS (through shapely) decides that.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.sentence import Sentence

MOST_POSITIONS = 1_000_000
"""Of one annotation."""

_DEPTH = {"Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2, "MultiPolygon": 3}
"""Lists around the positions of a geometry."""

_COMPLAINTS = {
    "Hole lies outside shell": Sentence("A hole lies outside of its outline."),
    "Holes are nested": Sentence("A hole lies in another hole."),
    "Nested shells": Sentence("A part of the annotation lies in another part."),
    "Duplicate Rings": Sentence("An outline appears twice."),
    "Interior is disconnected": Sentence("A hole cuts the annotation in two."),
    "Too few points in geometry component": Sentence("An outline has fewer than three corners."),
}
"""What GEOS says, in our words; anything else is a crossing."""


def check_all(geometries: Iterable[Mapping[str, Any]], width_px: int, height_px: int) -> None:
    """Check each; see `check_geometry`. Plain arguments, for a child process."""
    for geometry in geometries:
        check_geometry(geometry, PixelSize(width_px, height_px))


def check_geometry(geometry: Mapping[str, Any], size: PixelSize) -> None:
    """Refuse what cannot be drawn on an image of this size.

    Cost: proportional to n log n for n positions; quadratic for outlines made to be slow, so whoever takes
    long ones from strangers checks them in a process that can be stopped.

    Raises:
        Invalid: what is wrong, in one sentence.
    """
    kind, coordinates = check_form(geometry)
    lines = [_numbers(line) for line in _lines(kind, coordinates)]
    _check_places(lines, size)
    if kind == "LineString":
        _check_line(lines[0])
    if kind in ("Polygon", "MultiPolygon"):
        for ring in lines:
            _check_ring(ring)
        polygons = [coordinates] if kind == "Polygon" else coordinates
        _check_simple(polygons)


def check_form(geometry: Mapping[str, Any]) -> tuple[str, Any]:
    """Kind and coordinates of a geometry that is nested as GeoJSON asks and not too large; cheap at any size.

    Raises:
        Invalid: what is wrong, in one sentence.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in _DEPTH:
        raise Invalid("The geometry must be a Polygon, MultiPolygon, LineString, Point or MultiPoint.")
    _check_nesting(coordinates, _DEPTH[kind])
    count = count_positions(coordinates)
    if count > MOST_POSITIONS:
        raise Invalid(
            "The annotation has {count} corners, more than the {most} that are allowed; simplify it.",
            count=count,
            most=MOST_POSITIONS,
        )
    return kind, coordinates


def count_positions(coordinates: Any, depth: int = 4) -> int:
    """How many positions lie in nested lists, whether or not they are well formed."""
    if not isinstance(coordinates, list | tuple) or not coordinates or depth == 0:
        return 0
    first = coordinates[0]
    if not isinstance(first, list | tuple):
        return 1
    if not first or not isinstance(first[0], list | tuple):
        return len(coordinates)
    return sum(count_positions(each, depth - 1) for each in coordinates)


def _lines(kind: str, coordinates: Any) -> Iterable[Any]:
    """The lists of positions."""
    if kind == "Point":
        return [[coordinates]]
    if kind in ("LineString", "MultiPoint"):
        return [coordinates]
    if kind == "Polygon":
        return list(coordinates)
    return [ring for polygon in coordinates for ring in polygon]


def _check_nesting(coordinates: Any, depth: int) -> None:
    """Lists in lists as deep as the geometry asks for, none of them empty."""
    level = [coordinates]
    for left in reversed(range(depth)):
        if not all(isinstance(each, list | tuple) and each for each in level):
            raise Invalid("The geometry is empty, or its lists are not nested as GeoJSON asks.")
        if left:
            level = [inner for each in level for inner in each]


def _numbers(line: Any) -> NDArray[np.float64]:
    try:
        found = np.asarray(line)
    except ValueError:
        found = np.asarray(None)
    if found.dtype.kind not in "iuf" or found.ndim != 2 or found.shape[1] != 2:
        raise Invalid("Every corner of an annotation is a pair of numbers.")
    return found.astype(np.float64)


def _check_places(lines: list[NDArray[np.float64]], size: PixelSize) -> None:
    """Numbers that are numbers, not further from the image than it is wide."""
    every = np.concatenate(lines)
    if not np.isfinite(every).all():
        raise Invalid("A corner of the annotation is not a finite number.")
    margin = size.width_px
    low, high = every.min(axis=0), every.max(axis=0)
    if low.min() < -margin or high[0] > size.width_px + margin or high[1] > size.height_px + margin:
        raise Invalid(
            "The annotation reaches to {x}, {y}, far outside of the slide, which has {width} x {height} px.",
            x=_farthest(low[0], high[0], size.width_px),
            y=_farthest(low[1], high[1], size.height_px),
            width=size.width_px,
            height=size.height_px,
        )


def _farthest(low: float, high: float, end: int) -> float:
    return float(low) if -low > high - end else float(high)


def _check_line(line: NDArray[np.float64]) -> None:
    if len(line) < 2 or (line == line[0]).all():
        raise Invalid("A line has two ends that lie apart.")


def _check_ring(ring: NDArray[np.float64]) -> None:
    if not (ring[0] == ring[-1]).all():
        raise Invalid("An outline does not close: its last corner is not its first.")
    if len(ring) < 4:
        raise Invalid("An outline has fewer than three corners.")
    centred = ring - ring[0]
    x, y = centred[:, 0], centred[:, 1]
    if not np.ptp(x) or not np.ptp(y) or not math.fabs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) > 0:
        raise Invalid("An outline encloses nothing.")


def _check_simple(polygons: Any) -> None:
    shapes = [shapely.Polygon(rings[0], rings[1:]) for rings in polygons]
    whole = shapes[0] if len(shapes) == 1 else shapely.MultiPolygon(shapes)
    if shapely.is_valid(whole):
        return
    said = shapely.is_valid_reason(whole)
    reason, _, place = said.partition("[")
    complaint = _COMPLAINTS.get(reason)
    if complaint is not None:
        raise Invalid.saying(complaint)
    x, _, y = place.rstrip("]").partition(" ")
    raise Invalid("An outline crosses or touches itself near {x}, {y}.", x=_rounded(x), y=_rounded(y))


def _rounded(text: str) -> str:
    try:
        return f"{float(text):.1f}"
    except ValueError:
        return "?"
