"""Regions of patches are counted, and the largest is as long as geometry says."""

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from hemalum.analysis.regions import Box, covered, find_largest, find_regions, list_boxes


def disc(row: float, column: float, radius: float, side: int = 120) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:side, :side] + 0.5
    return np.hypot(rows - row, columns - column) <= radius


def slowly(member: NDArray[np.bool_]) -> tuple[float, float]:
    """Greatest distances between middles and between corners, of every pair."""
    at = np.argwhere(member).astype(float)
    between = np.abs(at[:, None] - at[None])
    return np.hypot(*np.moveaxis(between, -1, 0)).max(), np.hypot(*np.moveaxis(between + 1, -1, 0)).max()


def test_nodes_are_counted_and_those_that_hold_a_deposit() -> None:
    nodes = disc(20, 20, 12) | disc(60, 60, 20) | disc(100, 20, 8)
    nodes[0, 119] = True
    deposit = disc(60, 70, 4) | disc(20, 20, 2)
    assert find_regions(nodes, least_bins=4).count == 3, "a single patch is no node"
    assert find_regions(nodes, deposit, least_bins=4).count == 2
    assert find_regions(nodes).count == 4
    assert find_regions(nodes, np.zeros_like(nodes)).count == 0


def test_numbers_are_without_gaps() -> None:
    regions = find_regions(disc(20, 20, 5) | disc(60, 60, 1) | disc(100, 100, 5), least_bins=20)
    assert np.unique(regions.labels).tolist() == [0, 1, 2]


def test_boxes_of_the_largest_are_told_from_top_to_bottom() -> None:
    members = np.zeros((9, 12), bool)
    members[6:9, 0:4] = members[1, 8:11] = members[1, 2:4] = members[4, 11] = True
    regions = find_regions(members)
    assert list_boxes(regions, 3) == [Box(1, 2, 1, 2, 2), Box(1, 8, 1, 3, 3), Box(6, 0, 3, 4, 12)]
    assert len(list_boxes(regions, 99)) == 4
    assert list_boxes(find_regions(np.zeros_like(members)), 3) == []


def test_polygons_cover_just_the_bins_with_their_holes() -> None:
    ring = np.ones((4, 5), bool)
    ring[1:3, 2] = False
    outline = covered(ring)
    assert isinstance(outline, shapely.Polygon)
    assert outline.area == ring.sum()
    assert [len(one.coords) for one in (outline.exterior, *outline.interiors)] == [5, 5], (
        "no needless corners"
    )
    apart = covered(np.eye(3, dtype=bool))
    assert (apart.is_valid, apart.area, shapely.get_num_geometries(apart)) == (True, 3, 3)
    members = np.random.default_rng(5).random((40, 50)) < 0.6
    found = covered(members)
    assert found.is_valid
    rows, columns = np.indices(members.shape) + 0.5
    assert np.array_equal(shapely.contains_xy(found, columns, rows), members)


def test_patches_that_touch_by_a_corner_are_of_one_region() -> None:
    assert find_regions(np.eye(5, dtype=bool)).count == 1


@pytest.mark.parametrize("radius", [6.0, 17.5, 40.0])
def test_the_largest_disc_is_as_long_as_its_diameter(radius: float) -> None:
    members = disc(60, 60, radius) | disc(4, 4, 3)
    found = find_largest(find_regions(members))
    assert found is not None
    assert found.length == pytest.approx(2 * radius, abs=1)
    assert found.least < 2 * radius < found.most
    assert (found.row, found.column) == (int(np.argwhere(disc(60, 60, radius))[:, 0].min()),) * 2


def test_lengths_are_those_of_every_pair_of_patches() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        members = random.random((14, 19)) < 0.45
        regions = find_regions(members)
        found = find_largest(regions)
        assert found is not None
        pairs = [slowly(regions.labels == number) for number in range(1, regions.count + 1)]
        assert found.least == pytest.approx(max(pairs)[0])
        assert any(
            found.most == pytest.approx(most) for least, most in pairs if least == pytest.approx(found.least)
        )


def test_a_single_patch_reaches_no_farther_than_its_corners() -> None:
    alone = np.zeros((4, 4), bool)
    alone[2, 1] = True
    found = find_largest(find_regions(alone))
    assert found is not None
    assert (found.length, found.least, found.most) == (1, 0, pytest.approx(np.sqrt(2)))
    assert (found.row, found.column, found.rows, found.columns) == (2, 1, 1, 1)
    assert find_largest(find_regions(np.zeros((4, 4), bool))) is None


def test_a_straight_region_beats_a_slanted_one_whose_corners_lie_farther_apart() -> None:
    members = np.zeros((30, 30), bool)
    members[20, 5:19] = True
    members[np.arange(10), np.arange(10)] = True
    found = find_largest(find_regions(members))
    assert found is not None
    assert (found.length, found.row, found.column) == (14, 20, 5)
