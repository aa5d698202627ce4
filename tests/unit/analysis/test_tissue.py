"""Tissue is found where it is, and nowhere else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.analysis.tissue import find_tissue, otsu
from hemalum.testing.samples import picture


def glass(rows: int = 300, columns: int = 400) -> NDArray[np.uint8]:
    """Clean glass, a little uneven."""
    noise = np.random.default_rng(1).integers(-3, 4, (rows, columns, 3))
    return np.clip(243 + noise, 0, 255).astype(np.uint8)


def test_stained_tissue_is_found_on_glass() -> None:
    slide = glass()
    truth = np.zeros(slide.shape[:2], bool)
    truth[60:200, 100:300] = True
    slide[truth] = np.random.default_rng(2).normal([200, 140, 180], 8, (int(truth.sum()), 3)).astype(np.uint8)
    found = find_tissue(slide)
    assert (found & truth).sum() / (found | truth).sum() > 0.95


def test_fluorescent_tissue_is_found_on_dark() -> None:
    slide = np.random.default_rng(3).integers(0, 6, (200, 200, 3)).astype(np.uint8)
    slide[50:120, 40:160, 1] = 160
    found = find_tissue(slide, on_dark=True)
    assert found[60:110, 50:150].all()
    assert not found[:40].any()


@pytest.mark.parametrize("on_dark", [False, True])
def test_an_empty_slide_has_none(on_dark: bool) -> None:
    empty = np.zeros((100, 100, 3), np.uint8) if on_dark else glass()
    assert not find_tissue(empty, on_dark=on_dark).any()


def test_specks_and_black_ink_are_no_tissue() -> None:
    slide = glass()
    slide[60:200, 100:300] = [200, 140, 180]
    slide[20, 20] = [200, 0, 200]
    slide[240:260, 20:200] = [8, 3, 9]
    found = find_tissue(slide)
    assert found[100, 200]
    assert not found[:40].any()
    assert not found[225:].any()


def test_a_picture_smaller_than_the_filter_is_answered() -> None:
    assert find_tissue(picture(2, 3)).shape == (2, 3)


def test_otsu_parts_two_classes() -> None:
    values = np.array([10] * 50 + [12] * 50 + [200] * 30, np.uint8)
    assert 12 <= otsu(values) < 200
