"""Counts are exact, whatever the type of the samples."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hemalum.analysis.histograms import BINS, histogram


@given(arrays.arrays(st.sampled_from(["uint8", "uint16", "int16"]), st.integers(1, 300)))
def test_every_whole_sample_is_counted_in_its_bin(samples: Any) -> None:
    found = histogram(samples)
    assert len(found.counts) <= BINS
    for number, count in enumerate(found.counts):
        low = found.first + number * found.width
        inside = [value for value in samples.tolist() if low <= value < low + found.width]
        assert len(inside) == count
    assert found.counts.sum() == samples.size
    assert (found.least, found.most) == (samples.min(), samples.max())


def test_the_range_is_that_of_the_stated_percentiles() -> None:
    samples = np.random.default_rng(5).permutation(np.arange(1000, dtype=np.uint16)).reshape(50, 20)
    found = histogram(samples)
    assert (found.auto_low, found.auto_high) == (9, 997)
    assert (samples <= found.auto_low).mean() == pytest.approx(0.01)
    assert (samples <= found.auto_high).mean() == pytest.approx(0.998)


def test_samples_of_floating_point_may_hold_what_is_no_number() -> None:
    samples = np.array([np.nan, np.inf, 0.0, 0.25, 0.5, 1.0], np.float32)
    found = histogram(samples)
    assert found.counts.sum() == 4
    assert (found.least, found.most) == (0.0, 1.0)


@pytest.mark.parametrize(
    "samples", [np.zeros(0, np.uint8), np.full(9, np.nan), np.full((3, 3), 7, np.uint16)]
)
def test_nothing_or_one_value_still_gives_a_range(samples: Any) -> None:
    found = histogram(samples)
    assert found.counts.sum() == np.isfinite(samples).sum()
    assert found.auto_high > found.auto_low
