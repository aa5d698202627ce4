"""What classifiers learn from and are compared with: parts by source, histograms of colours, augmentation."""

from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

import tiles_data
from baselines import fit_logistic, histograms
from tiles_data import Tiles
from trials import of_64_colours
from white_cells_data import FOLDS, Cells, is_tested


def test_a_histogram_counts_colours() -> None:
    rgb = np.zeros((1, 2, 2, 3), np.uint8)
    rgb[0, 0, 0] = (255, 40, 0)
    shares = histograms(rgb)[0] ** 2
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx(0.75)
    assert shares[7 * 64 + 1 * 8] == pytest.approx(0.25)


def test_64_colours_are_those_of_512_taken_together() -> None:
    rgb = np.random.default_rng(4).integers(0, 256, (3, 20, 20, 3)).astype(np.uint8)
    coarse = of_64_colours(histograms(rgb)) ** 2
    bins = (rgb // 64).astype(np.int64) @ (16, 4, 1)
    np.testing.assert_allclose(coarse, [np.bincount(each.ravel(), minlength=64) / 400 for each in bins])


def test_logistic_regression_is_that_of_another_solver() -> None:
    """With two classes it is a sigmoid of one line, found here from its slopes alone."""
    random = np.random.default_rng(5)
    x = random.normal(size=(80, 1))
    labels = (x[:, 0] + random.normal(0, 0.8, 80) > 0.3).astype(np.int64)
    likely = fit_logistic(x, labels, 2)(x)[:, 1]
    scaled = (x[:, 0] - x.mean()) / (x.std() * 1.02)

    def slopes(line: np.ndarray) -> list[float]:
        # Two columns of weights of opposite sign share a penalty of 2e-3 of their squares.
        wrong = 1 / (1 + np.exp(-(line[0] * scaled + line[1]))) - labels
        return [float((wrong * scaled).mean() + 2e-3 * line[0]), float(wrong.mean())]

    line = optimize.root(slopes, [1.0, 0.0], tol=1e-12).x
    np.testing.assert_allclose(likely, 1 / (1 + np.exp(-(line[0] * scaled + line[1]))), atol=1e-4)


SOURCES = np.sort(np.random.default_rng(2).integers(0, 30, 200))
LABELS = SOURCES // 10
RGB = np.zeros((200, 1, 1, 3), np.uint8)


def test_each_source_of_tiles_is_tested_in_one_fold_with_all_classes() -> None:
    tiles = Tiles(RGB, LABELS, SOURCES)
    folds = [tiles_data.is_tested(tiles, fold) for fold in range(tiles_data.FOLDS)]
    np.testing.assert_array_equal(np.sum(folds, axis=0), np.ones(200))
    for tested in folds:
        assert not set(SOURCES[tested]) & set(SOURCES[~tested])
        assert 0.1 < tested.mean() < 0.4
        assert set(LABELS[tested]) == {0, 1, 2}


def test_tiles_are_kept_as_they_are(tmp_path: Path) -> None:
    Tiles(RGB, LABELS, SOURCES).save(tmp_path / "tiles.npz")
    again = Tiles.load(tmp_path / "tiles.npz")
    for name in ("rgb", "labels", "sources"):
        np.testing.assert_array_equal(getattr(again, name), globals()[name.upper()])


def test_each_source_of_cells_is_tested_in_one_fold() -> None:
    cells = Cells(RGB, LABELS, SOURCES)
    folds = [is_tested(cells, fold) for fold in range(FOLDS)]
    np.testing.assert_array_equal(np.sum(folds, axis=0), np.ones(200))
    for tested in folds:
        assert not set(SOURCES[tested]) & set(SOURCES[~tested])
        assert 0.1 < tested.mean() < 0.4


def test_copies_of_a_tile_are_one_source_and_so_are_tiles_that_look_alike() -> None:
    random = np.random.default_rng(3)
    groups = np.repeat(np.arange(180), 2)
    labels = groups // 60
    # In each class thirty looks, each of two groups that differ by little.
    looks = random.uniform(60, 200, (90, 3))[groups // 2]
    rgb = np.clip(looks[:, None, None] + random.normal(0, 1, (360, 4, 4, 3)), 0, 255).astype(np.uint8)
    sources = tiles_data._sources(rgb, labels, groups)
    np.testing.assert_array_equal(sources[::2], sources[1::2])
    assert np.mean(sources[::4] == sources[2::4]) > 0.9
    for label in range(3):
        assert not set(sources[labels == label]) & set(sources[labels != label])


def test_tiles_of_synthetic_slides_show_what_their_class_says() -> None:
    drawn = tiles_data.synthetic((tiles_data.UNSEEN_ORGAN,), 1, 2, seed=9)
    assert drawn.rgb.shape == (2, tiles_data.TILE_PX, tiles_data.TILE_PX, 3)
    assert drawn.labels.tolist() == [0, 1]
    again = tiles_data.synthetic((tiles_data.UNSEEN_ORGAN,), 1, 2, seed=9)
    np.testing.assert_array_equal(drawn.rgb, again.rgb)
