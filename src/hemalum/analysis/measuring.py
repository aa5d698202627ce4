"""Lengths and areas of what is drawn on a slide, with how sure they are.

Uncertainty follows the GUM (JCGM 100:2008), law of propagation for independent inputs (5.1.2, equation 10):

- Placing: each corner was put on a pixel, so each of its coordinates is spread evenly over one pixel: a
  rectangular distribution of half-width 1/2 px, u = 1/sqrt(12) px (4.3.7).
- Scale: um/px is known within a relative half-width that depends on where it comes from
  (`quantities.Provenance`), rectangular too, u = half-width/sqrt(3). It is the same for both
  axes, so it counts once for a length and twice for an area.

What is given is the expanded uncertainty with k = 2 (6.2.1), which leaves about 5 % outside. It says nothing
of how well a person saw the edge, which is often more.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.quantities import Measured, Quantity, Scale

COVERAGE_FACTOR = 2.0

_PLACING_PX = 1 / math.sqrt(12)


def measure(geometry: Mapping[str, Any], scale: Scale) -> Measured:
    """Area and perimeter of polygons, length of lines. The geometry is a GeoJSON one in level-0 pixels."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "LineString":
        return Measured(length_um=_length([_array(coordinates)], scale))
    if kind not in ("Polygon", "MultiPolygon"):
        return Measured()
    polygons = [coordinates] if kind == "Polygon" else coordinates
    rings = [_array(ring) for polygon in polygons for ring in polygon]
    is_hole = [number > 0 for polygon in polygons for number in range(len(polygon))]
    return Measured(_area(rings, is_hole, scale), _length(rings, scale))


def measure_ellipse(width_px: float, height_px: float, scale: Scale) -> Measured:
    """Area and circumference of an ellipse with these axes along the image's; its outline is only near it.

    The circumference is Ramanujan's second approximation (1914), good to 1 in 10 million up to an axis ratio
    of 5 and to 1 in 2,000 for any.
    """
    a, b = width_px * scale.spacing.x_um / 2, height_px * scale.spacing.y_um / 2
    area = math.pi * a * b
    h = ((a - b) / (a + b)) ** 2
    around = math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))
    # Two ends placed for each axis: the axis has the variance of both.
    u_a = scale.spacing.x_um * _PLACING_PX / math.sqrt(2)
    u_b = scale.spacing.y_um * _PLACING_PX / math.sqrt(2)
    u_area = math.hypot(math.pi * b * u_a, math.pi * a * u_b)
    u_around = math.pi * math.hypot(u_a, u_b)
    return Measured(_expanded(area, u_area, scale, 2), _expanded(around, u_around, scale, 1))


def _array(positions: Any) -> NDArray[np.float64]:
    return np.asarray(positions, dtype=np.float64)


def _length(lines: list[NDArray[np.float64]], scale: Scale) -> Quantity:
    spacing = np.array([scale.spacing.x_um, scale.spacing.y_um])
    length, variance = 0.0, 0.0
    for line in lines:
        steps = np.diff(line * spacing, axis=0)
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        length += float(lengths.sum())
        directions = np.divide(steps, lengths[:, None], out=np.zeros_like(steps), where=lengths[:, None] > 0)
        variance += float(((_pulls(line, directions) * spacing * _PLACING_PX) ** 2).sum())
    return _expanded(length, math.sqrt(variance), scale, 1)


def _pulls(line: NDArray[np.float64], directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """How the length changes with each corner: the direction to it less the direction from it."""
    if len(line) > 2 and (line[0] == line[-1]).all():
        around: NDArray[np.float64] = np.roll(directions, 1, axis=0) - directions
        return around
    nothing = np.zeros((1, 2))
    along: NDArray[np.float64] = np.concatenate([nothing, directions]) - np.concatenate([directions, nothing])
    return along


def _area(rings: list[NDArray[np.float64]], is_hole: list[bool], scale: Scale) -> Quantity:
    area, variance = 0.0, 0.0
    for ring, hole in zip(rings, is_hole, strict=True):
        # About its first corner, so that large coordinates do not eat the digits.
        corners = ring[:-1] - ring[0]
        x, y = corners[:, 0], corners[:, 1]
        enclosed = abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2
        area += -enclosed if hole else enclosed
        across = np.roll(corners, -1, axis=0) - np.roll(corners, 1, axis=0)
        variance += float(((across / 2 * _PLACING_PX) ** 2).sum())
    um2 = scale.spacing.x_um * scale.spacing.y_um
    return _expanded(area * um2, math.sqrt(variance) * um2, scale, 2)


def _expanded(value: float, placing: float, scale: Scale, power: int) -> Quantity:
    """The value with its expanded uncertainty; the scale goes into it to this power."""
    of_scale = power * value * scale.relative_uncertainty
    return Quantity(value, COVERAGE_FACTOR * math.hypot(placing, of_scale))
