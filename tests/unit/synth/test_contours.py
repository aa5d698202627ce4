"""Outlines of fields."""

import numpy as np
import pytest

from hemalum.testing.synth.contours import polygons


def area(ring: list[tuple[float, float]]) -> float:
    x, y = np.array(ring).T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


def field(radius: float, hole: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[0:100, 0:100]
    distance = np.hypot(x - 50, y - 50)
    return np.minimum(radius - distance, distance - hole)


def test_a_disc_is_one_polygon_of_its_area() -> None:
    (polygon,) = polygons(field(30))
    assert len(polygon) == 1
    assert area(polygon[0]) == pytest.approx(np.pi * 900, rel=0.01)


def test_a_ring_has_a_hole() -> None:
    (polygon,) = polygons(field(40, 20))
    assert len(polygon) == 2
    assert area(polygon[0]) - area(polygon[1]) == pytest.approx(np.pi * (1600 - 400), rel=0.01)


def test_what_reaches_the_border_is_closed_along_it() -> None:
    (polygon,) = polygons(np.ones((10, 20)))
    assert polygon[0][0] == polygon[0][-1]
    assert area(polygon[0]) == pytest.approx(9 * 19, rel=0.02)


def test_nothing_gives_nothing() -> None:
    assert polygons(-np.ones((10, 10))) == []
