"""The code on the picture of a label: an identifier of ours, whole and the only one; nothing else."""

import json
from pathlib import Path

import numpy as np
import pytest
import segno
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.inspection import LABEL_PICTURE, inspect
from hemalum.formats.wsi.label_code import find_identifier
from hemalum.kernel.identifiers import Identifier
from hemalum.testing import samples

SLIDE = Identifier("CN01", "S", 26, 123, "A", 1, 1)
OTHER = Identifier("CN01", "S", 26, 123, "A", 1, 2)


def label(*texts: str, turned: int = 0, blurred: bool = False) -> NDArray[np.uint8]:
    """A label with these codes beside each other, as a camera sees it."""
    picture = np.full((420, 40 + 400 * max(len(texts), 1), 3), 235, np.uint8)
    for number, text in enumerate(texts):
        matrix = np.array([list(row) for row in segno.make(text, micro=False).matrix], bool)
        code = np.where(np.kron(matrix, np.ones((10, 10), bool)), 40, 235).astype(np.uint8)
        left = 60 + 400 * number
        picture[60 : 60 + code.shape[0], left : left + code.shape[1]] = code[:, :, None]
    seen = Image.fromarray(picture).rotate(turned, expand=True, fillcolor=(235, 235, 235))
    return np.asarray(seen.reduce(2) if blurred else seen)


@pytest.mark.parametrize("turned", [0, 90, 180, 7])
def test_it_is_found_however_the_glass_lay(turned: int) -> None:
    seen = Image.fromarray(label(str(SLIDE), turned=turned, blurred=True))
    assert find_identifier([seen]) == SLIDE


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("110101196005041234",),
        (str(SLIDE.case),),
        (str(SLIDE)[:-8] + "X/A/1/1",),
        (str(SLIDE), str(OTHER)),
    ],
)
def test_nothing_else_is_taken_from_a_label(texts: tuple[str, ...]) -> None:
    assert find_identifier([Image.fromarray(label(*texts))]) is None


def test_the_first_picture_with_an_identifier_decides() -> None:
    pictures = [Image.fromarray(label(*texts)) for texts in ((), (str(SLIDE),), (str(OTHER),))]
    assert find_identifier(pictures) == SLIDE


def test_a_slide_is_known_by_its_label(tmp_path: Path) -> None:
    sample = samples.svs_ycbcr(tmp_path, label(str(SLIDE)))
    (tmp_path / "out").mkdir()
    inspect([str(path) for path in sample.paths], str(tmp_path / "out"), lambda *_: None)
    for name in ("file_description.json", "description.json"):
        described = json.loads((tmp_path / "out" / name).read_text())
        assert described["barcode"] == str(SLIDE)
        assert described["sources"]["barcode"] == LABEL_PICTURE
