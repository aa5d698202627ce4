"""Lengths, areas and how sure they are, against closed forms and against many drawings of the same thing."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.analysis.measuring import measure, measure_ellipse
from hemalum.analysis.quantities import Measured, Provenance, Quantity, Scale
from hemalum.kernel.geometry import SpacingUm

SCALE = Scale(SpacingUm(0.25, 0.25), Provenance.STORED)
EXACT = 1e-9


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def rectangle(x: float, y: float, width: float, height: float) -> list[list[float]]:
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]]


def of(quantity: Quantity | None) -> Quantity:
    assert quantity is not None
    return quantity


def test_a_rectangle_with_a_hole() -> None:
    found = measure(polygon(rectangle(1e6, 1e6, 400, 200), rectangle(1e6 + 50, 1e6 + 50, 40, 40)), SCALE)
    assert of(found.area_um2).value == pytest.approx((400 * 200 - 40 * 40) / 16, rel=EXACT)
    assert of(found.perimeter_um).value == pytest.approx((1200 + 160) / 4, rel=EXACT)
    assert found.length_um is None


def test_parts_add_up() -> None:
    parts = {"type": "MultiPolygon", "coordinates": [[rectangle(0, 0, 4, 4)], [rectangle(10, 0, 8, 4)]]}
    assert of(measure(parts, SCALE).area_um2).value == pytest.approx((16 + 32) / 16, rel=EXACT)


def test_a_line_where_pixels_are_not_square() -> None:
    line = {"type": "LineString", "coordinates": [[0, 0], [30, 0], [30, 40]]}
    found = measure(line, Scale(SpacingUm(0.5, 0.25), Provenance.STORED))
    assert of(found.length_um).value == pytest.approx(15 + 10, rel=EXACT)
    assert (found.area_um2, found.perimeter_um) == (None, None)


def test_points_have_no_size() -> None:
    assert measure({"type": "Point", "coordinates": [1, 2]}, SCALE) == Measured()
    assert measure({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, SCALE) == Measured()


def test_an_ellipse_is_the_limit_of_its_outline() -> None:
    angles = np.linspace(0, 2 * math.pi, 20_001)
    outline = np.stack([500 * np.cos(angles), 300 * np.sin(angles)], axis=1)
    outline[-1] = outline[0]
    drawn, exact = measure(polygon(outline.tolist()), SCALE), measure_ellipse(1000, 600, SCALE)
    assert of(exact.area_um2).value == pytest.approx(of(drawn.area_um2).value, rel=1e-6)
    assert of(exact.perimeter_um).value == pytest.approx(of(drawn.perimeter_um).value, rel=1e-6)
    circle = measure_ellipse(200, 200, SCALE)
    assert of(circle.perimeter_um).value == pytest.approx(math.pi * 50, rel=EXACT)


def test_a_ruler_by_the_gum() -> None:
    """100 px at 0.25 um: two ends of u = 1/sqrt(12) px along it, and 1 % of scale as a rectangle."""
    found = of(measure({"type": "LineString", "coordinates": [[0, 0], [100, 0]]}, SCALE).length_um)
    placing = math.sqrt(2) * 0.25 / math.sqrt(12)
    of_scale = 25 * 0.01 / math.sqrt(3)
    assert found.value == 25
    assert found.uncertainty == pytest.approx(2 * math.hypot(placing, of_scale), rel=EXACT)


def test_what_a_person_stated_is_less_sure() -> None:
    line = {"type": "LineString", "coordinates": [[0, 0], [10_000, 0]]}
    stored = of(measure(line, SCALE).length_um)
    stated = of(measure(line, Scale(SCALE.spacing, Provenance.STATED)).length_um)
    assert stated.value == stored.value
    assert stated.uncertainty == pytest.approx(2 * stored.uncertainty, rel=1e-3)


@pytest.mark.parametrize("form", ["line", "triangle", "square"])
def test_the_uncertainty_is_that_of_drawing_it_again_and_again(form: str) -> None:
    """Corners spread evenly over a pixel: the spread of what is measured is what propagation says."""
    scale = Scale(SpacingUm(0.5, 0.4), Provenance.STORED)
    corners = {
        "line": [[0, 0], [40, 30], [90, 10], [120, 80]],
        "triangle": [[0, 0], [80, 10], [30, 90]],
        "square": [[0, 0], [60, 0], [60, 60], [0, 60]],
    }[form]
    random = np.random.default_rng(7)

    def drawn(places: Any) -> dict[str, Any]:
        listed = np.asarray(places, dtype=float).tolist()
        return (
            {"type": "LineString", "coordinates": listed} if form == "line" else polygon([*listed, listed[0]])
        )

    def numbers(places: Any) -> list[Quantity]:
        found = measure(drawn(places), scale)
        return [one for one in (found.area_um2, found.perimeter_um, found.length_um) if one is not None]

    again = [
        [one.value for one in numbers(np.asarray(corners) + random.uniform(-0.5, 0.5, (len(corners), 2)))]
        for _ in range(4000)
    ]
    spreads = np.std(again, axis=0)
    for place, (one, spread) in enumerate(zip(numbers(corners), spreads, strict=True)):
        power = 2 if form != "line" and place == 0 else 1
        of_scale = power * one.value * scale.relative_uncertainty
        placing = math.sqrt((one.uncertainty / 2) ** 2 - of_scale**2)
        assert placing == pytest.approx(spread, rel=0.05)


@given(
    st.lists(st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)), min_size=2, max_size=8),
    st.floats(0.05, 10),
)
def test_lengths_scale_and_are_never_negative(places: list[tuple[float, float]], um: float) -> None:
    line = {"type": "LineString", "coordinates": [list(place) for place in places]}
    one = of(measure(line, Scale(SpacingUm(um, um), Provenance.STORED)).length_um)
    two = of(measure(line, Scale(SpacingUm(2 * um, 2 * um), Provenance.STORED)).length_um)
    assert one.value >= 0
    assert one.uncertainty >= 0
    assert two.value == pytest.approx(2 * one.value)
    assert two.uncertainty == pytest.approx(2 * one.uncertainty)
