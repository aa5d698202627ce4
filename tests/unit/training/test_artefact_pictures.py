"""Pictures that the network of artefacts learns from: every class is where it is seen."""

import numpy as np

from artefacts_data import CLASSES, EDGE, FOLD, INK, TISSUE, Windows, class_of, slides_tested
from artefacts_painted import painted
from artefacts_trial import classes_of
from colours import ColourClasses
from hemalum.analysis.inference import Network
from hemalum.testing.synth.noise import Grid, Points


def test_the_class_of_a_place_is_that_of_its_pixel() -> None:
    slide = next(slides_tested(1, 7))
    grid = Grid(0, 0, 300, 300, 20.0)
    of_pixels = class_of(slide, grid)
    x, y = np.broadcast_arrays(grid.x, grid.y)
    of_points = class_of(slide, Points(x.ravel(), y.ravel())).reshape(300, 300)
    # Places are told whether they are out of focus; pixels as coarse as these do not show it.
    shown = of_points != CLASSES.index("unfocused")
    # Both add up numbers of 32 bits in another order, which may decide at a border.
    assert (of_points[shown] == of_pixels[shown]).mean() > 0.999
    assert (of_pixels[~shown] == TISSUE).all()
    assert set(np.unique(of_points)) >= {0, TISSUE, INK, FOLD, EDGE}


def test_what_is_painted_is_seen_and_the_rest_is_as_it_was() -> None:
    seen = set()
    for seed in range(12):
        random = np.random.default_rng(seed)
        rgb = random.integers(150, 230, (96, 96, 3)).astype(np.uint8)
        tissue = np.zeros((96, 96), bool)
        tissue[:, 30:] = True
        spoiled, classes = painted(rgb, tissue, np.random.default_rng(seed))
        seen |= set(np.unique(classes).tolist())
        assert not (classes[~tissue] == FOLD).any()
        ink = classes == INK
        if ink.any():
            assert (spoiled[ink].astype(int).min(axis=1) < rgb[ink].astype(int).max(axis=1)).all()
    assert seen == set(range(len(CLASSES)))


def test_colours_are_told_by_how_often_a_class_has_them() -> None:
    rgb = np.full((1, 4, 4, 3), 240, np.uint8)
    rgb[0, :2] = (20, 20, 200)
    classes = np.zeros((1, 4, 4), np.uint8)
    classes[0, :2] = INK
    windows = Windows(rgb, classes, np.zeros(1, np.int64))
    colours = ColourClasses.counted([windows], INK + 1)
    np.testing.assert_array_equal(colours.of(rgb[0]), classes[0])


class _Brightness(Network):
    """A network whose class of a pixel is told by its red alone."""

    def __init__(self) -> None:
        pass

    def run(self, batch: np.ndarray, outputs: object = None) -> dict[str, np.ndarray]:  # type: ignore[override]
        assert batch.shape[2:] == (192, 192)
        red = batch[:, 0]
        return {"classes": np.stack([red < 0.5, red >= 0.5], axis=1).astype(np.float32)}


def test_tiles_of_a_large_picture_are_put_together_where_they_belong() -> None:
    random = np.random.default_rng(4)
    rgb = random.integers(0, 256, (300, 451, 3)).astype(np.uint8)
    found = classes_of(_Brightness(), rgb)
    np.testing.assert_array_equal(found, rgb[..., 0] >= 128)
