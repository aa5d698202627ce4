"""Grids and what of them was seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.reading.exports import runs_of
from hemalum.capabilities.reading.model import (
    MOST_CELLS_A_SIDE,
    MOST_RUNS,
    Coverage,
    GridChanged,
    Mark,
    Tissue,
    grids_of,
    mark,
)
from hemalum.kernel.errors import Invalid

GRIDS = grids_of(3000, 2200, 0.5)
TEN = next(grid for grid in GRIDS if grid.objective == 10)

runs = st.builds(
    lambda row, first, length: (row, first, min(first + length, TEN.columns)),
    st.integers(0, TEN.rows - 1),
    st.integers(0, TEN.columns - 1),
    st.integers(1, TEN.columns),
)
marks = st.builds(lambda told: Mark(10, TEN.cell_px, tuple(told)), st.lists(runs, max_size=6))


def whole(grid_number: int) -> Mark:
    grid = GRIDS[grid_number]
    return Mark(grid.objective, grid.cell_px, tuple((row, 0, grid.columns) for row in range(grid.rows)))


@given(
    st.integers(1, 400_000), st.integers(1, 400_000), st.one_of(st.none(), st.floats(0.0625, 20, width=32))
)
def test_grids_cover_the_image_and_stay_bounded(width: int, height: int, spacing_um: float | None) -> None:
    grids = grids_of(width, height, spacing_um)
    assert grids[0].objective == 1.25
    for grid in grids:
        assert grid.columns * grid.cell_px >= width
        assert grid.rows * grid.cell_px >= height
        assert max(grid.columns, grid.rows) <= MOST_CELLS_A_SIDE
    assert len({grid.key for grid in grids}) == len(grids)


def test_a_scan_at_20x_has_no_40x_to_see() -> None:
    assert [grid.objective for grid in GRIDS] == [1.25, 2.5, 5, 10, 20]
    assert grids_of(3000, 2200, 0.2526)[-1].objective == 40
    assert grids_of(3000, 2200, None)[-1].objective == 40


@given(st.lists(marks, max_size=5))
def test_marks_add_up_in_any_order_and_as_often_as_they_are_told(told: list[Mark]) -> None:
    at_once = mark(GRIDS, {}, told)
    seen: dict[str, np.ndarray] = {}
    for one in [*reversed(told), *told]:
        seen |= mark(GRIDS, seen, [one])
    assert seen.keys() == at_once.keys()
    for key, cells in at_once.items():
        assert np.array_equal(cells, seen[key])
        again = Mark(10, TEN.cell_px, tuple(runs_of(cells)))
        assert np.array_equal(mark(GRIDS, {}, [again])[key], cells)


def test_what_was_kept_is_not_changed_in_place() -> None:
    kept = mark(GRIDS, {}, [Mark(10, TEN.cell_px, ((0, 0, 1),))])
    mark(GRIDS, kept, [whole(3)])
    assert kept[TEN.key].sum() == 1


@pytest.mark.parametrize("run", [(-1, 0, 1), (0, 3, 3), (0, 4, 2), (0, 0, 1000), (1000, 0, 1)])
def test_cells_outside_are_refused(run: tuple[int, int, int]) -> None:
    with pytest.raises(Invalid):
        mark(GRIDS, {}, [Mark(10, TEN.cell_px, (run,))])


def test_cells_of_another_grid_are_refused() -> None:
    with pytest.raises(GridChanged):
        mark(GRIDS, {}, [Mark(10, TEN.cell_px * 2, ((0, 0, 1),))])
    with pytest.raises(GridChanged):
        mark(GRIDS, {}, [Mark(float("nan"), float("inf"), ())])


def test_too_much_at_once_is_refused() -> None:
    with pytest.raises(Invalid):
        mark(GRIDS, {}, [Mark(10, TEN.cell_px, ((0, 0, 1),) * (MOST_RUNS + 1))])


def test_a_higher_power_counts_for_the_lower_ones() -> None:
    coverage = Coverage(3000, 2200, GRIDS, mark(GRIDS, {}, [whole(3)]))
    assert coverage.shares(None) == {1.25: 1, 2.5: 1, 5: 1, 10: 1, 20: 0}


def test_the_share_is_of_the_tissue_alone() -> None:
    cells = np.zeros((44, 60), bool)
    cells[:22, :30] = True
    left = Mark(10, TEN.cell_px, tuple((row, 0, round(750 / TEN.cell_px)) for row in range(TEN.rows)))
    coverage = Coverage(3000, 2200, GRIDS, mark(GRIDS, {}, [left]))
    assert coverage.shares(Tissue(cells))[10] == pytest.approx(0.5, abs=0.06)
    assert coverage.shares(None)[10] == pytest.approx(0.25, abs=0.03)
    assert coverage.shares(Tissue(np.zeros((5, 5), bool)))[10] == 1
