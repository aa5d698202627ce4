"""What cannot be drawn is refused in one sentence, however it is made."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.annotations.geometry import MOST_POSITIONS, check_geometry, count_positions
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize

SIZE = PixelSize(1000, 500)
SQUARE = [[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]
HOLE = [[10, 10], [20, 10], [20, 20], [10, 20], [10, 10]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def moved(ring: list[list[float]], by: float) -> list[list[float]]:
    return [[x + by, y + by] for x, y in ring]


@pytest.mark.parametrize(
    "geometry",
    [
        polygon(SQUARE),
        polygon(SQUARE, HOLE),
        polygon(SQUARE[::-1], HOLE),
        {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [moved(SQUARE, 150)]]},
        {"type": "LineString", "coordinates": [[0, 0], [10, 10], [0, 10], [10, 0]]},
        {"type": "Point", "coordinates": [0.25, 499.5]},
        {"type": "MultiPoint", "coordinates": [[0, 0], [0, 0], [5, 5]]},
        polygon(moved(SQUARE, -400)),
    ],
)
def test_what_can_be_drawn(geometry: dict[str, Any]) -> None:
    check_geometry(geometry, SIZE)


@pytest.mark.parametrize(
    ("geometry", "sentence"),
    [
        ({"type": "Circle", "coordinates": [0, 0]}, "must be a Polygon"),
        ({"type": ["Polygon"], "coordinates": []}, "must be a Polygon"),
        ({"type": "Polygon"}, "empty"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        (polygon([]), "empty"),
        (polygon(SQUARE[0]), "pair of numbers"),
        ({"type": "LineString", "coordinates": []}, "empty"),
        ({"type": "Point", "coordinates": []}, "pair of numbers"),
        ({"type": "Point", "coordinates": [1, 2, 3]}, "pair of numbers"),
        ({"type": "Point", "coordinates": ["1", "2"]}, "pair of numbers"),
        ({"type": "Point", "coordinates": [True, False]}, "pair of numbers"),
        ({"type": "Point", "coordinates": [None, 1]}, "pair of numbers"),
        ({"type": "Point", "coordinates": [10**400, 1]}, "pair of numbers"),
        (polygon([[0, 0], [1], [1, 1], [0, 0]]), "pair of numbers"),
        ({"type": "Point", "coordinates": [math.nan, 1]}, "not a finite number"),
        (polygon([[0, 0], [math.inf, 0], [1, 1], [0, 0]]), "not a finite number"),
        ({"type": "Point", "coordinates": [2001, 1]}, "outside"),
        ({"type": "Point", "coordinates": [1, -1001]}, "outside"),
        (polygon(moved(SQUARE, 5000)), "outside"),
        (polygon(SQUARE[:-1]), "does not close"),
        (polygon([[0, 0], [5, 5], [0, 0]]), "fewer than three"),
        (polygon([[0, 0], [5, 5], [9, 9], [0, 0]]), "encloses nothing"),
        (polygon([[0, 0], [5, 0], [0, 0], [5, 0], [0, 0]]), "encloses nothing"),
        (polygon([[0, 0], [90, 100], [100, 0], [0, 90], [0, 0]]), "crosses or touches itself near 44"),
        (polygon(HOLE, SQUARE), "outside of its outline"),
        (polygon(SQUARE, moved(HOLE, 300)), "outside of its outline"),
        (polygon(SQUARE, HOLE, HOLE), "crosses|twice|another"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]}, "another part|crosses"),
        ({"type": "LineString", "coordinates": [[5, 5], [5, 5]]}, "two ends"),
        ({"type": "LineString", "coordinates": [[5, 5]]}, "two ends"),
    ],
)
def test_what_cannot(geometry: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        check_geometry(geometry, SIZE)


def test_more_than_a_million_corners_are_refused_before_anything_is_computed() -> None:
    ring = [[0, 0]] * (MOST_POSITIONS + 1)
    with pytest.raises(Invalid, match="1000001 corners"):
        check_geometry(polygon(ring), SIZE)


nonsense = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=20,
)
kinds = st.sampled_from(["Polygon", "MultiPolygon", "LineString", "Point", "MultiPoint"])


@given(kinds, nonsense)
def test_nonsense_is_refused_and_nothing_else_is_raised(kind: str, coordinates: Any) -> None:
    assert count_positions(coordinates) >= 0
    try:
        check_geometry({"type": kind, "coordinates": coordinates}, SIZE)
    except Invalid:
        return
    assert count_positions(coordinates) > 0
