"""Nuclei that stand out by dark, blue chromatin are candidates, and the fullest field is found."""

from dataclasses import replace

import numpy as np
import pytest

from hemalum.analysis import stain
from hemalum.analysis.mitosis import CANDIDATE_ABOVE, candidate_scores, find_hotspot
from hemalum.analysis.morphometry import Nuclei, measure_nuclei, standing_out
from hemalum.analysis.nuclei import blue_ratio

UM_PER_PX = 0.5


def table(densities: list[float], eosin: float = 0.12) -> Nuclei:
    """Square nuclei of these densities of haematoxylin, measured on pixels."""
    labels = np.zeros((20, 20 * len(densities)), np.int32)
    amount = np.zeros(labels.shape)
    for number, density in enumerate(densities):
        place = slice(4, 16), slice(20 * number + 4, 20 * number + 16)
        labels[place], amount[place] = number + 1, density
    rgb = stain.rendered(
        np.stack([amount, np.full(labels.shape, eosin)], -1).astype(np.float32), stain.RUIFROK_HE
    )
    return measure_nuclei(labels, rgb, UM_PER_PX)


def test_the_blue_ratio_is_that_of_its_authors() -> None:
    # 100 x 120 / 111 x 256 / 231 by hand.
    assert blue_ratio(np.array([[60, 50, 120]], np.uint8))[0] == pytest.approx(119.808, abs=1e-3)
    assert blue_ratio(np.array([[255, 255, 255]], np.uint8))[0] == pytest.approx(16.677, abs=1e-3)


def test_the_measured_ratio_is_the_mean_over_the_nucleus() -> None:
    labels = np.array([[0, 1, 1], [2, 2, 0]], np.int32)
    rgb = np.random.default_rng(2).integers(0, 256, (2, 3, 3), np.uint8)
    found = measure_nuclei(labels, rgb, UM_PER_PX).blue_ratio
    assert found == pytest.approx([blue_ratio(rgb)[labels == number].mean() for number in (1, 2)])


def test_the_densest_nuclei_are_candidates_and_no_others() -> None:
    random = np.random.default_rng(5)
    usual = table(random.normal(0.7, 0.07, 60).tolist())
    scores = candidate_scores(table([1.15, 0.7, 0.45]), usual)
    assert (scores > CANDIDATE_ABOVE).tolist() == [True, False, False]
    assert scores[2] < 0
    assert (candidate_scores(usual, usual) > CANDIDATE_ABOVE).mean() < 0.1


def test_what_stands_out_in_one_respect_only_is_no_candidate() -> None:
    usual = table(np.random.default_rng(6).normal(0.7, 0.07, 60).tolist())
    dark = table([1.15])
    assert candidate_scores(replace(dark, blue_ratio=usual.blue_ratio[:1]), usual)[0] < CANDIDATE_ABOVE
    assert candidate_scores(replace(dark, density_mean=usual.density_mean[:1]), usual)[0] < CANDIDATE_ABOVE


def test_too_few_nuclei_say_nothing() -> None:
    few = table([0.7] * 20)
    assert np.isnan(candidate_scores(few, few)).all()


def test_robust_deviations_are_standard_ones_where_values_are_normal() -> None:
    values = np.random.default_rng(7).normal(40, 6, 200_000)
    assert standing_out(np.array([52.0]), values)[0] == pytest.approx(2, abs=0.03)


def test_the_fullest_square_is_found_as_by_looking_at_each() -> None:
    random = np.random.default_rng(8)
    counts, looked = random.poisson(0.4, (23, 31)), random.random((23, 31)) < 0.8
    found = find_hotspot(counts, looked, 5)
    sums = {
        (row, column): (
            counts[row : row + 5, column : column + 5].sum(),
            looked[row : row + 5, column : column + 5].sum(),
        )
        for row in range(19)
        for column in range(27)
    }
    best = max(sums, key=lambda at: (*sums[at], -at[0], -at[1]))
    assert (found.row, found.column) == best
    assert (found.count, found.looked) == sums[best]


def test_a_slide_smaller_than_the_field_is_the_field() -> None:
    found = find_hotspot(np.array([[1, 0, 2]]), np.array([[True, True, False]]), 9)
    assert (found.count, found.looked, found.rows, found.columns) == (3, 2, 1, 3)
