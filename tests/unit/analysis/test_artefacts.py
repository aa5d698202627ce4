"""What is no tissue is told from tissue, on pictures made for it and on those of others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from hemalum.analysis import artefacts, stain
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


def stained(seed: int, varied: float = 0.1) -> NDArray[np.float32]:
    """Densities (300, 300, 3) of tissue under a strip of glass, with more of one stain here and there."""
    random = np.random.default_rng(seed)
    amounts = np.stack(
        [ndimage.gaussian_filter(random.normal(size=(300, 300)), 12) for _ in stain.RUIFROK_HE], axis=2
    )
    amounts = 0.28 + varied * amounts / amounts.std() + random.normal(0, 0.02, amounts.shape)
    amounts[:30] = 0
    return np.asarray(np.maximum(amounts, 0.01) @ stain.RUIFROK_HE, np.float32)


def light_through(densities: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    return as_bytes(255 * 10**-densities)


ROWS, COLUMNS = np.mgrid[:300, :300]


@pytest.mark.parametrize(
    "ink",
    [(0.46, 0.30, 0.05), (0.41, 0.14, 0.36), (0.43, 0.44, 0.46), (0.03, 0.41, 0.35)],
    ids=["blue", "green", "black", "red"],
)
def test_ink_over_tissue_is_found_by_what_it_adds_to_the_stains(ink: tuple[float, float, float]) -> None:
    stroke = np.abs(np.hypot(ROWS - 160, COLUMNS - 150) - 90) < 12
    rgb = light_through(stained(7) + stroke[..., None] * np.array(ink))
    assert dice(pen(rgb), stroke) > 0.9
    assert not pen(light_through(stained(7))).any()


def test_ink_over_a_third_of_the_tissue_does_not_pass_for_a_stain() -> None:
    wide = np.abs(ROWS - 160) < 45
    rgb = light_through(stained(8) + wide[..., None] * np.array((0.46, 0.30, 0.05)))
    assert dice(pen(rgb), wide) > 0.85


def test_vessels_with_blood_are_not_ink() -> None:
    vessels = (ROWS % 40 < 7) & (COLUMNS % 40 < 7) & (ROWS > 70)
    blood = vessels[..., None] * np.array((0.15, 0.56, 0.46))
    assert not pen(light_through(np.where(vessels[..., None], blood, stained(9, 0.04)))).any()


def half_tissue() -> NDArray[np.float32]:
    """Tissue beside glass, from the 150th column on."""
    densities = stained(9, 0.04)
    densities[:, :150] = 0.01 * stain.RUIFROK_HE.sum(axis=0)
    return densities


def test_a_short_red_stroke_along_tissue_is_ink() -> None:
    stroke = (np.abs(COLUMNS - 156) < 7) & (np.abs(ROWS - 165) < 6)
    rgb = light_through(half_tissue() + stroke[..., None] * np.array((0.03, 0.5, 0.42)))
    assert dice(pen(rgb), stroke) > 0.85


def test_a_navy_stroke_on_glass_is_ink_and_very_blue_tissue_is_not() -> None:
    navy = 0.4 * np.array((1.0, 0.85, 0.35))
    stroke = np.abs(COLUMNS - 60) < 12
    assert dice(pen(light_through(half_tissue() + stroke[..., None] * navy)), stroke) > 0.95
    blue = np.where((COLUMNS < 150)[..., None], half_tissue(), navy)
    assert not pen(light_through(blue)).any()


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


def test_the_rim_of_a_bubble_is_found_over_tissue_and_nuclei_are_not() -> None:
    rim = np.abs(np.hypot(ROWS - 160, COLUMNS - 150) - 25) < 1.5
    nuclei = ndimage.binary_dilation(np.random.default_rng(2).random((300, 300)) < 0.01)
    densities = stained(10) + nuclei[..., None] * 0.4 * stain.RUIFROK_HE[0]
    assert not artefacts.find_edges(light_through(densities)).any()
    assert dice(artefacts.find_edges(light_through(densities + rim[..., None] * 0.3)), rim) > 0.9


def test_denser_tissue_of_another_stain_is_no_fold() -> None:
    band = np.abs(ROWS - COLUMNS) < 8
    tissue = ROWS >= 30
    fold = band & tissue
    densities = stained(11, 0.03)
    doubled = np.where(band[..., None], 1.9 * densities, densities)
    assert dice(artefacts.find_folds(light_through(doubled), tissue), fold) > 0.8
    bluer = densities + band[..., None] * 0.45 * stain.RUIFROK_HE[0]
    assert artefacts.find_folds(light_through(bluer), tissue).sum() < 0.1 * fold.sum()


def test_a_part_of_a_dense_layer_is_no_fold() -> None:
    aside = np.abs(ROWS - COLUMNS)
    densities = stained(11, 0.03)
    layer = densities + 0.45 * stain.RUIFROK_HE[0]
    densities = np.where((aside < 20)[..., None], layer, densities)
    tissue = ROWS >= 30
    double = np.where((aside < 6)[..., None], 1.9 * stained(11, 0.03), densities)
    assert not artefacts.find_folds(light_through(double), tissue).any()


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
        ("pen_red", pen, 0.815),
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
