"""Focus stacks of a synthetic section whose height is known, against the same section in focus everywhere."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.analysis import focus
from hemalum.testing.synth.appearance import defocus
from hemalum.testing.synth.noise import Grid
from hemalum.testing.synth.slide import Modality, SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

SIDE = 480
PLANES = 7
BLUR_PX = 1.4
"""Standard deviation of the blur, a plane away from focus."""


def tilted(height: int = SIDE, width: int = SIDE) -> NDArray[np.float32]:
    """The plane, fractions allowed, in which each pixel is sharp: a slope with a dent."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dent = np.exp(-((x - 0.3 * width) ** 2 + (y - 0.6 * height) ** 2) / (2 * (0.12 * width) ** 2))
    return np.clip(0.3 + 5.4 * x / width - 1.5 * dent, 0, PLANES - 1)


def section(modality: Modality, height: int = SIDE, width: int = SIDE) -> NDArray[Any]:
    slide = SyntheticSlide(7, TissueKind.COLON, 6000, 6000, modality=modality)
    return slide.render(2700, 2650, width, height)


def stack_of(truth: NDArray[Any]) -> list[NDArray[Any]]:
    height, width, samples = truth.shape
    grid = Grid(0, 0, width, height, 0.25)
    relief, planes = tilted(height, width), []
    for plane in range(PLANES):
        off = np.abs(relief - plane) * np.float32(BLUR_PX)
        bands = [defocus(truth[..., band].astype(np.float32), 0, off, grid) for band in range(samples)]
        planes.append(np.rint(np.stack(bands, axis=2)).astype(truth.dtype))
    return planes


def error(pixels: NDArray[Any], truth: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean((pixels.astype(float) - truth) ** 2)))


@pytest.fixture(scope="module", params=list(Modality))
def sample(request: pytest.FixtureRequest) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    truth = section(request.param)
    return truth, stack_of(truth)


def test_the_map_is_the_height_of_the_section(sample: Any) -> None:
    found = focus.plane_map(sample[1])
    truth = tilted()[8::16, 8::16]
    assert found.shape == truth.shape
    assert np.abs(found - truth).mean() < 0.35


def test_best_focus_is_nearly_as_good_as_knowing_the_height(sample: Any) -> None:
    truth, stack = sample
    nearest = np.rint(tilted()).astype(int)
    known = np.take_along_axis(np.stack(stack), nearest[None, ..., None], 0)[0]
    made = focus.best_focus(stack)
    assert (made.shape, made.dtype) == (truth.shape, truth.dtype)
    assert error(made, truth) < 1.3 * error(known, truth)
    assert error(made, truth) < 0.5 * min(error(plane, truth) for plane in stack)


def test_extended_depth_is_sharper_than_every_plane(sample: Any) -> None:
    truth, stack = sample
    made = focus.extended_depth(iter(stack))
    assert (made.shape, made.dtype) == (truth.shape, truth.dtype)
    assert error(made, truth) < 0.6 * min(error(plane, truth) for plane in stack)
    assert (made >= np.min(stack, axis=0)).all()
    assert (made <= np.max(stack, axis=0)).all()


@pytest.mark.parametrize("method", [focus.best_focus, focus.extended_depth])
def test_a_part_with_its_margin_gives_the_pixels_of_the_whole(method: Any) -> None:
    truth = section(Modality.BRIGHTFIELD, 560, 610)
    stack = stack_of(truth)
    whole = method(stack)
    for top, left, height, width in ((0, 0, 200, 210), (128, 256, 128, 128), (384, 448, 176, 162)):
        y0, x0 = (max(0, at - focus.MARGIN_PX) // focus.ALIGNED_PX * focus.ALIGNED_PX for at in (top, left))
        y1, x1 = min(560, top + height + focus.MARGIN_PX), min(610, left + width + focus.MARGIN_PX)
        part = method([plane[y0:y1, x0:x1] for plane in stack])
        seen = part[top - y0 : top - y0 + height, left - x0 : left - x0 + width]
        assert np.array_equal(seen, whole[top : top + height, left : left + width])


@pytest.mark.parametrize("method", [focus.best_focus, focus.extended_depth])
def test_equal_planes_give_that_plane(method: Any) -> None:
    plane = section(Modality.FLUORESCENCE, 101, 67)
    assert np.array_equal(method([plane] * 3), plane)
    flat = np.full((40, 50, 3), 200, np.uint8)
    assert np.array_equal(method([flat] * 4), flat)
    assert np.array_equal(method([plane]), plane)


def test_detail_is_taken_from_where_it_is() -> None:
    """Two halves, each sharp in one of two planes."""
    rng = np.random.default_rng(3)
    texture = rng.integers(0, 65_000, (128, 256, 1)).astype(np.uint16)
    left, right = texture.copy(), texture.copy()
    left[:, 128:] = 32_000
    right[:, :128] = 32_000
    made = focus.extended_depth([left, right])
    inner = np.abs(np.arange(256) - 128) > 24
    assert np.corrcoef(made[:, inner, 0].ravel(), texture[:, inner, 0].ravel())[0, 1] > 0.97
