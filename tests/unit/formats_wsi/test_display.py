"""The colours in which channels are first shown."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from hemalum.formats.wsi.display import FIRST_SHOWN, display_colour, display_colours
from hemalum.formats.wsi.inspection import inspect

BLUE, ORANGE, GREEN, PINK, YELLOW = "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#f0e442"


def test_defaults_can_be_told_apart_and_a_single_channel_is_grey() -> None:
    assert display_colours([None] * 6) == [BLUE, ORANGE, GREEN, PINK, YELLOW, BLUE]
    assert display_colours([None]) == ["#ffffff"]
    assert display_colours([None, "#ff0000", None]) == [BLUE, "#ff0000", GREEN]
    assert display_colour("#123456", 0, 1) == "#123456"


@pytest.mark.parametrize(
    ("channels", "lit", "expected"), [(1, 0, (1, 1, 1)), (2, 1, (230, 159, 0)), (6, 5, None)]
)
def test_thumbnails_use_the_same_colours(
    tmp_path: Path, channels: int, lit: int, expected: tuple[int, int, int] | None
) -> None:
    samples = np.zeros((channels, 256, 256), np.uint16)
    samples[lit, 64:192, 64:192] = 4000
    path = tmp_path / "stack.ome.tiff"
    tifffile.imwrite(path, samples, tile=(128, 128), photometric="minisblack", metadata={"axes": "CYX"})
    out = tmp_path / "out"
    out.mkdir()
    inspect([str(path)], str(out), lambda *_: None)
    seen = np.asarray(Image.open(out / "thumbnail.jpg").convert("RGB")).astype(float)
    middle = seen[100:150, 100:150].mean(axis=(0, 1))
    if expected is None:
        assert lit >= FIRST_SHOWN
        assert middle.max() < 10
    else:
        assert middle / middle.max() == pytest.approx(np.array(expected) / max(expected), abs=0.05)
