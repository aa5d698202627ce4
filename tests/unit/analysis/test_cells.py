"""Cells that are looked at patch by patch stand there once, whole, and where they are."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.analysis import stain
from hemalum.analysis.cells import BEYOND_UM, PatchCells, cells_of_patch, each_once
from hemalum.analysis.morphometry import measure_nuclei

UM_PER_PX = 0.5
PATCH_PX, CONTEXT_PX = 64, 16
ROWS, COLUMNS = 3, 4


def discs(middles: list[tuple[float, float]], radius_px: float = 6.0) -> NDArray[np.int32]:
    """Numbered discs (row, column of the middle) on a field of all patches."""
    rows, columns = np.mgrid[: ROWS * PATCH_PX, : COLUMNS * PATCH_PX].astype(float)
    labels = np.zeros(rows.shape, np.int32)
    for number, (row, column) in enumerate(middles, 1):
        labels[np.hypot(rows - row, columns - column) <= radius_px] = number
    return labels


def coloured(labels: NDArray[np.int32]) -> NDArray[np.uint8]:
    amounts = np.stack([np.where(labels > 0, 0.8, 0.0), np.full(labels.shape, 0.12)], -1)
    return stain.rendered(amounts.astype(np.float32), stain.RUIFROK_HE)


def seen(labels: NDArray[np.int32]) -> list[PatchCells]:
    """What each patch sees, row by row."""
    padded = np.pad(labels, CONTEXT_PX)
    side = PATCH_PX + 2 * CONTEXT_PX
    found = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            top, left = row * PATCH_PX, column * PATCH_PX
            view = padded[top : top + side, left : left + side]
            numbers = np.unique(view, return_inverse=True)[1].reshape(view.shape)
            numbers += 0 if (view == 0).any() else 1
            found.append(cells_of_patch(numbers.astype(np.int32), coloured(view), UM_PER_PX, CONTEXT_PX))
    return found


def whole(found: list[PatchCells]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Places (x, y in um) of all cells, and which of them stay."""
    places, areas, patches, own = [], [], [], []
    for number, each in enumerate(found):
        row, column = divmod(number, COLUMNS)
        corner = np.array([column, row]) * PATCH_PX * UM_PER_PX
        places.append(np.column_stack([each.measured.x_um, each.measured.y_um]) + corner)
        areas.append(each.measured.area_um2)
        patches.append(np.full(len(each.is_own), number))
        own.append(each.is_own)
    at = np.concatenate(places)
    joined = (np.concatenate(one) for one in (areas, patches, own))
    return at, each_once(at[:, 0], at[:, 1], *joined)


def test_a_cell_on_the_seam_of_patches_stands_there_once() -> None:
    # Within a patch, on a seam, on a corner of four patches, and just beside a seam on either side.
    middles = [(30.0, 30.0), (30.0, 63.5), (63.5, 127.5), (100.0, 62.0), (128.0, 66.0), (140.0, 190.0)]
    labels = discs(middles)
    found = seen(labels)
    places, stays = whole(found)
    assert len(places) > len(middles), "patches see what is on their seams more than once"
    assert int(stays.sum()) == len(middles)
    truth = measure_nuclei(labels, coloured(labels), UM_PER_PX)
    expected = sorted(zip(truth.x_um, truth.y_um, strict=True))
    assert sorted(map(tuple, places[stays])) == [pytest.approx(each) for each in expected]


def test_what_two_patches_see_differently_is_neither_lost_nor_counted_twice() -> None:
    area = np.full(2, 50.0)
    patches = np.array([0, 1])
    for own in ((True, True), (False, False), (True, False), (False, True)):
        stays = each_once(np.array([31.6, 32.3]), np.array([9.0, 9.2]), area, patches, np.array(own))
        assert int(stays.sum()) == 1
        assert stays[own.index(True) if True in own else 0]


def test_neighbours_are_not_taken_for_the_same_cell() -> None:
    both = each_once(
        np.array([29.0, 34.0]), np.array([9.0, 9.0]), np.full(2, 20.0), np.array([0, 1]), np.ones(2, bool)
    )
    assert both.all()
    same_patch = each_once(
        np.array([29.0, 29.5]), np.array([9.0, 9.0]), np.full(2, 20.0), np.array([0, 0]), np.ones(2, bool)
    )
    assert same_patch.all(), "a patch says itself how many it sees"
    nothing = np.zeros(0)
    assert len(each_once(nothing, nothing, nothing, nothing, np.zeros(0, bool))) == 0


def test_outlines_run_around_their_cells() -> None:
    labels = discs([(30.0, 30.0), (90.0, 100.0)], radius_px=9.0)
    for each in seen(labels):
        start = 0
        for size, area in zip(each.ring_sizes, each.measured.area_um2, strict=True):
            x, y = each.corners_um[start : start + size].T
            start += size
            enclosed = abs(float(x @ np.roll(y, -1) - np.roll(x, -1) @ y)) / 2
            assert enclosed == pytest.approx(area, rel=0.06)
            assert np.hypot(x, y).max() < 9.0 * UM_PER_PX + 0.8
            assert size < 30, "the steps of the grid are gone"


def test_a_cell_far_beyond_the_patch_is_left_to_its_own() -> None:
    labels = discs([(30.0, 64.0 + BEYOND_UM / UM_PER_PX + 2)])
    first, second = seen(labels)[:2]
    assert len(first.measured) == 0
    assert second.is_own.tolist() == [True]


def test_a_patch_without_cells_gives_none() -> None:
    found = cells_of_patch(np.zeros((96, 96), np.int32), np.full((96, 96, 3), 255, np.uint8), UM_PER_PX, 16)
    assert len(found.measured) == len(found.ring_sizes) == len(found.corners_um) == 0


def test_cells_that_are_kept_keep_their_classes() -> None:
    labels = discs([(30.0, 30.0), (30.0, 64.0 + BEYOND_UM / UM_PER_PX + 2)])
    view = np.pad(labels, CONTEXT_PX)[: PATCH_PX + 2 * CONTEXT_PX, : PATCH_PX + 2 * CONTEXT_PX]
    maps = np.zeros((2, *view.shape), np.float32)
    maps[0], maps[1] = np.where(view == 1, 0.2, 0.9), np.where(view == 1, 0.8, 0.1)
    found = cells_of_patch(view, coloured(view), UM_PER_PX, CONTEXT_PX, maps)
    assert found.told is not None
    assert len(found.measured) == 1, "the other lies far beyond"
    assert found.told.classes.tolist() == [1]
    assert found.told.likely == pytest.approx([0.8])
    assert cells_of_patch(view, coloured(view), UM_PER_PX, CONTEXT_PX).told is None
