"""Outlines cover just the cells that are set, and are valid polygons."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from shapely import Polygon, box, unary_union

from hemalum.analysis.outlines import outer_rings, outlines

bitmaps = arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 8)))


@given(bitmaps)
def test_outlines_cover_the_cells_and_nothing_else(mask: NDArray[np.bool_]) -> None:
    polygons = [Polygon(rings[0], rings[1:]) for rings in outlines(mask)]
    assert all(polygon.is_valid for polygon in polygons)
    truth = unary_union([box(x, y, x + 1, y + 1) for y, x in np.argwhere(mask)])
    assert unary_union(polygons).symmetric_difference(truth).area == 0
    assert sum(polygon.area for polygon in polygons) == mask.sum()


@given(bitmaps)
def test_rings_are_closed_and_turn_at_every_corner(mask: NDArray[np.bool_]) -> None:
    for ring in (ring for polygon in outlines(mask) for ring in polygon):
        assert ring[0] == ring[-1]
        steps = np.diff(np.array(ring), axis=0)
        assert ((steps == 0).sum(axis=1) == 1).all()
        horizontal = steps[:, 0] != 0
        assert (horizontal[1:] != horizontal[:-1]).all()


numbered = arrays(np.int32, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.integers(0, 3))


@given(numbered)
def test_outer_rings_are_those_of_each_number_by_itself(labels: NDArray[np.int32]) -> None:
    found = outer_rings(labels)
    assert len(found) == labels.max()
    for number, rings in enumerate(found, 1):
        alone = [each[0][:-1] for each in outlines(labels == number)]
        assert [[tuple(corner) for corner in ring.tolist()] for ring in rings] == alone
