"""Agreement is counted as the papers say."""

import numpy as np
import pytest

from hemalum.analysis.agreement import Matches, auc, bootstrapped, cohen_kappa, dice, match


def test_kappa_is_agreement_beyond_chance() -> None:
    """By hand: 35 of 50 agree; chance alone gives 0.5 * 0.6 + 0.5 * 0.4 = 0.5."""
    assert cohen_kappa(np.array([[20, 5], [10, 15]])) == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert cohen_kappa(np.array([[7, 0], [0, 3]])) == pytest.approx(1)
    assert cohen_kappa(np.array([[0, 3], [7, 0]])) == pytest.approx(-0.42 / 0.58)
    assert cohen_kappa(np.array([[5, 0], [0, 0]])) is None
    assert cohen_kappa(np.zeros((2, 2), int)) is None


def test_instances_match_above_half_of_their_union() -> None:
    truth, found = np.zeros((10, 30), np.int32), np.zeros((10, 30), np.int32)
    truth[0:4, 0:5] = 1
    found[0:4, 1:5] = 7  # 16 of 20
    truth[0:4, 10:14] = 2
    found[0:4, 12:16] = 8  # 8 of 24: a miss and a false alarm
    truth[6:8, 20:24] = 5  # a miss
    counted = match(truth, found)
    assert counted == Matches(matched=1, overlap=pytest.approx(0.8), only_found=1, only_true=2)  # type: ignore[arg-type]
    assert counted.f1 == pytest.approx(1 / 2.5)
    assert counted.panoptic_quality == pytest.approx(0.8 / 2.5)
    assert counted + counted == Matches(2, pytest.approx(1.6), 2, 4)  # type: ignore[arg-type]


def test_exactly_half_is_no_match() -> None:
    truth, found = np.zeros((4, 4), np.int32), np.zeros((4, 4), np.int32)
    truth[0:2], found[0:1] = 1, 1
    assert match(truth, found).matched == 0


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    empty = np.zeros((4, 4), np.int32)
    assert match(empty, empty).panoptic_quality == 1.0
    assert dice(empty > 0, empty > 0) == 1.0


def test_dice_is_twice_the_overlap_by_the_sum() -> None:
    one, other = np.zeros(10, bool), np.zeros(10, bool)
    one[:4], other[2:8] = True, True
    assert dice(one, other) == pytest.approx(2 * 2 / 10)


def test_groups_are_drawn_whole() -> None:
    values = [[0.0] * 50, [1.0] * 50]
    interval = bootstrapped(values, lambda some: sum(some) / len(some), seed=3, rounds=400)
    assert (interval.value, interval.lower, interval.upper) == (0.5, 0.0, 1.0)
    assert interval == bootstrapped(values, lambda some: sum(some) / len(some), seed=3, rounds=400)
    with pytest.raises(ValueError, match="Nothing"):
        bootstrapped([], lambda some: float(len(some)), seed=1)


def test_auc_is_the_share_of_ordered_pairs() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8, 0.4])
    positive = np.array([False, False, True, True, True])
    cases, controls = scores[positive], scores[~positive]
    pairs = [(case > control) + 0.5 * (case == control) for case in cases for control in controls]
    assert auc(scores, positive).value == pytest.approx(np.mean(pairs))


def test_the_interval_of_delong_is_that_of_its_definition() -> None:
    random = np.random.default_rng(5)
    positive = np.arange(90) < 40
    scores = np.round(random.normal(positive * 1.0, 1), 1)
    cases, controls = scores[positive], scores[~positive]
    psi = (cases[:, None] > controls) + 0.5 * (cases[:, None] == controls)
    variance = psi.mean(axis=1).var(ddof=1) / 40 + psi.mean(axis=0).var(ddof=1) / 50
    interval = auc(scores, positive)
    assert interval.upper - interval.value == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-6)
    with pytest.raises(ValueError, match="Both classes"):
        auc(scores, np.ones(90, bool))
