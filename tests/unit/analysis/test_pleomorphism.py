"""How much nuclei vary is told as numpy tells it, and how sure that is as drawing squares anew tells it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from hemalum.analysis import pleomorphism
from hemalum.analysis.pleomorphism import SQUARE_UM, Spread, of_sums, spread_of

type Column = NDArray[np.float64]


def nuclei(seed: int, squares: int = 60, each: int = 80) -> tuple[Column, Column, Column]:
    """Areas of nuclei that are alike within a square of the slide, and where they lie."""
    random = np.random.default_rng(seed)
    usual = np.exp(random.normal(np.log(50), 0.15, squares)).repeat(each)
    areas = usual * np.exp(random.normal(0, 0.3, squares * each))
    number = np.arange(squares).repeat(each)
    x_um = (number % 10) * SQUARE_UM + random.uniform(0, SQUARE_UM, len(areas))
    y_um = (number // 10) * SQUARE_UM + random.uniform(0, SQUARE_UM, len(areas))
    return areas, x_um, y_um


def test_values_are_those_of_numpy() -> None:
    areas, x_um, y_um = nuclei(1)
    found = spread_of(areas, x_um, y_um)
    assert (found.count, found.squares) == (len(areas), 60)
    assert found.mean.value == pytest.approx(areas.mean())
    assert found.sd.value == pytest.approx(areas.std())
    assert found.cv.value == pytest.approx(stats.variation(areas))


def test_intervals_are_those_of_squares_drawn_anew() -> None:
    areas, x_um, y_um = nuclei(2)
    found = spread_of(areas, x_um, y_um)
    random = np.random.default_rng(3)
    by_square = areas.reshape(60, 80)
    drawn = by_square[random.integers(0, 60, (4000, 60))].reshape(4000, -1)
    for estimate, again in (
        (found.mean, drawn.mean(axis=1)),
        (found.sd, drawn.std(axis=1)),
        (found.cv, drawn.std(axis=1) / drawn.mean(axis=1)),
    ):
        assert estimate.low is not None
        assert estimate.high is not None
        half = (estimate.high - estimate.low) / 2
        assert half == pytest.approx(stats.t.ppf(0.975, 59) * again.std(), rel=0.08)
    mean = found.mean
    alone = areas.std() / np.sqrt(len(areas))
    assert mean.high is not None
    assert mean.high - mean.value > 4 * alone, "what neighbours tell is not all new"


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    usual, within = np.exp(0.15**2), np.exp(0.3**2)
    truth = np.sqrt(usual * within - 1)
    held = 0
    for seed in range(200):
        estimate = spread_of(*nuclei(100 + seed)).cv
        assert estimate.low is not None
        assert estimate.high is not None
        held += estimate.low <= truth <= estimate.high
    assert 180 <= held <= 198


def test_slides_add_up() -> None:
    areas, x_um, y_um = nuclei(4)
    left = x_um < 5 * SQUARE_UM
    parts = [spread_of(areas[part], x_um[part], y_um[part]) for part in (left, ~left)]
    whole, added = spread_of(areas, x_um, y_um), parts[0] + parts[1]
    assert added.squares == whole.squares
    assert added.cv.value == pytest.approx(whole.cv.value)
    assert added.cv.low == pytest.approx(whole.cv.low)


def test_the_quantile_is_that_of_student() -> None:
    for squares in (5, 6, 10, 40, 1000):
        assert pleomorphism._student(squares - 1) == pytest.approx(stats.t.ppf(0.975, squares - 1), rel=3e-3)


def test_what_is_not_known_is_not_made_up() -> None:
    assert spread_of(np.zeros(0), np.zeros(0), np.zeros(0)) == Spread()
    few = of_sums(np.array([3, 2]), np.array([150.0, 90.0]), np.array([7600.0, 4100.0]))
    assert few.mean.value == 48
    assert few.mean.low is None
    same = spread_of(np.full(50, 40.0), np.arange(50) * 100.0, np.zeros(50))
    assert (same.cv.value, same.cv.low) == (0.0, None)
