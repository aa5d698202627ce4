"""Where models look on a slide with ink of a pen."""

import io
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hemalum.analysis import stain
from hemalum.capabilities.inference.planning import plan
from hemalum.formats.model.reading import read_contract
from hemalum.testing.models import SAMPLE_TOML

UM_PER_PX = 8.0
"""Of the picture, as a thumbnail of a slide has it."""
PALE = np.s_[50:250, 50:200]
INK = np.s_[50:250, 250:300]
RED, BLUE, BLACK = (215, 25, 45), (40, 90, 200), (25, 24, 28)


def slide(pale: bool = True, ink: tuple[int, int, int] | None = None) -> NDArray[np.uint8]:
    noise = np.random.default_rng(3).integers(-2, 3, (300, 400, 3))
    rgb = (244 + noise).astype(np.uint8)
    if pale:
        rgb[PALE] = stain.rendered(np.full((200, 150, 2), 0.06, np.float32), stain.RUIFROK_HE)
    if ink is not None:
        rgb[INK] = ink
    return rgb


def looked_at(
    rgb: NDArray[np.uint8], edit: Callable[[str], str] = lambda text: text, *, on_dark: bool = False
) -> tuple[NDArray[np.bool_], bool]:
    """Pixels of the picture that lie in patches, and whether the model is told that there is only ink."""
    content = io.BytesIO()
    Image.fromarray(rgb).save(content, "PNG")
    contract = read_contract(edit(SAMPLE_TOML).encode())
    factor = round(UM_PER_PX / 0.5)
    size = [rgb.shape[1] * factor, rgb.shape[0] * factor]
    planned = plan(content.getvalue(), on_dark, [size], [0.5, 0.5], [msgspec.to_builtins(contract)])
    seen = np.zeros(rgb.shape[:2], bool)
    with np.load(io.BytesIO(planned["content"])) as arrays:
        # A patch of 32 px at 0.5 um/px is two pixels of the picture wide.
        for row, column in arrays["places.0"] * 2:
            seen[row : row + 2, column : column + 2] = True
    return seen, planned["only_pen"][0]


def any_stain(text: str) -> str:
    return text.replace('stains = ["he"]\n', "")


def everywhere(text: str) -> str:
    return text.replace('stains = ["he"]\n', 'stains = ["he"]\nonly_tissue = false\n')


@pytest.mark.parametrize("ink", [RED, BLUE, BLACK], ids=["red", "blue", "black"])
def test_models_look_at_pale_tissue_beside_strong_ink(ink: tuple[int, int, int]) -> None:
    seen, only_ink = looked_at(slide(ink=ink))
    assert seen[PALE].mean() > 0.98
    assert not only_ink


def test_what_may_be_blood_is_looked_at_too() -> None:
    seen, _ = looked_at(slide(ink=RED))
    assert seen[INK].mean() > 0.98


def test_without_ink_the_same_is_looked_at_for_any_stain() -> None:
    seen, _ = looked_at(slide())
    assert seen[PALE].mean() > 0.98
    assert (seen == looked_at(slide(), any_stain)[0]).all()


@pytest.mark.parametrize("ink", [RED, BLUE, BLACK], ids=["red", "blue", "black"])
def test_on_a_slide_of_ink_alone_nothing_is_looked_at(ink: tuple[int, int, int]) -> None:
    seen, only_ink = looked_at(slide(pale=False, ink=ink))
    assert not seen.any()
    assert only_ink


def test_ink_is_told_for_haematoxylin_and_eosin_only() -> None:
    seen, only_ink = looked_at(slide(pale=False, ink=BLUE), any_stain)
    assert seen[INK].mean() > 0.98
    assert not only_ink
    assert not looked_at(slide(pale=False, ink=BLUE), on_dark=True)[1]


def test_models_that_look_at_glass_look_at_all_of_it() -> None:
    seen, only_ink = looked_at(slide(pale=False, ink=BLUE), everywhere)
    assert seen.all()
    assert not only_ink
