"""What is no tissue is told from tissue, on pictures made for it and on those of others."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from hemalum.analysis import artefacts
from hemalum.analysis.agreement import dice
from hemalum.analysis.tissue import find_tissue
from hemalum.testing.samples import picture


def drawn(colour: tuple[int, int, int]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Tissue with a broad stroke across it, and where the stroke is."""
    rgb = picture(300, 300, seed=3)
    rows, columns = np.mgrid[:300, :300]
    stroke = np.abs(rows - columns / 2 - 60) < 14
    rgb[stroke] = colour
    return rgb, stroke


def pen(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return artefacts.find_pen(rgb, find_tissue(rgb))


@pytest.mark.parametrize("colour", [(20, 20, 24), (10, 130, 90), (30, 60, 190), (215, 25, 45)])
def test_ink_of_any_colour_is_found(colour: tuple[int, int, int]) -> None:
    rgb, stroke = drawn(colour)
    assert dice(pen(rgb), stroke) > 0.95


def test_stained_tissue_is_not_ink_nor_an_edge() -> None:
    rgb = picture(300, 300, seed=4)
    assert pen(rgb).mean() < 0.001
    assert artefacts.find_edges(rgb).mean() < 0.001


@pytest.mark.parametrize("value", [0, 128, 255])
def test_pictures_of_one_colour_harm_nothing(value: int) -> None:
    rgb = np.full((64, 64, 3), value, np.uint8)
    assert not artefacts.find_edges(rgb).any()
    assert (pen(rgb).mean() > 0.9) == (value == 0)
    assert not artefacts.find_folds(rgb, find_tissue(rgb)).any()
    assert np.isnan(artefacts.blur(rgb))


def test_an_edge_of_glass_is_found_and_a_speck_is_not() -> None:
    rgb = np.full((200, 300, 3), 240, np.uint8)
    rgb[:, 100:103] = 150
    rgb[50:54, 200:204] = 120
    found = artefacts.find_edges(rgb)
    assert found[:, 101].all()
    assert not found[:, 150:].any()


def test_a_fold_is_where_tissue_lies_on_tissue() -> None:
    single = np.full((200, 200, 3), (222, 160, 200), np.uint8)
    noise = np.random.default_rng(5).integers(-6, 7, single.shape)
    single = np.clip(single + noise, 0, 255).astype(np.uint8)
    single[:20] = 245
    fold = np.zeros((200, 200), bool)
    fold[60:180, 90:110] = True
    double = np.where(fold[..., None], (single / 255.0) ** 2 * 255, single).astype(np.uint8)
    tissue = np.zeros((200, 200), bool)
    tissue[20:] = True
    assert dice(artefacts.find_folds(double, tissue), fold) > 0.9
    assert not artefacts.find_folds(single, tissue).any()


def test_blur_grows_with_the_blur_and_not_with_contrast() -> None:
    sharp = picture(256, 256, seed=6).astype(np.float64)
    values = [artefacts.blur(as_bytes(ndimage.gaussian_filter(sharp, (s, s, 0)))) for s in (0, 1, 2, 4, 8)]
    assert values == sorted(values)
    assert values[0] < 0.5 < values[-1]
    pale = artefacts.blur(as_bytes(128 + (sharp - 128) / 2))
    assert pale == pytest.approx(values[0], abs=0.03)


def as_bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "find", "least"),
    [
        ("pen_red", pen, 0.8),
        ("pen_black", pen, 0.95),
        ("coverslip_edge_he", artefacts.find_edges, 0.75),
    ],
)
def test_masks_of_others_are_met(
    shared: Callable[[str], Path],
    name: str,
    find: Callable[[NDArray[np.uint8]], NDArray[np.bool_]],
    least: float,
) -> None:
    folder = shared("artefacts/histoqc")
    rgb = np.asarray(Image.open(folder / f"{name}.png").convert("RGB"))
    truth = np.asarray(Image.open(folder / f"{name}_mask.png").convert("L")) > 0
    assert dice(find(rgb), truth) > least
