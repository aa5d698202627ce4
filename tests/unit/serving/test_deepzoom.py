"""DeepZoom tiles: they cover each level once, and each level is half of the next."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.slides.routes.deepzoom import OVERLAP_PX, TILE_PX, place_of
from hemalum.kernel.errors import NotFound
from hemalum.kernel.geometry import PixelSize

sides = st.integers(1, 3000)


@given(width=sides, height=sides, data=st.data())
def test_tiles_cover_every_level(width: int, height: int, data: st.DataObject) -> None:
    full = PixelSize(width, height)
    last = math.ceil(math.log2(max(width, height)))
    level = data.draw(st.integers(0, last))
    scale = 2 ** (last - level)
    level_width, level_height = math.ceil(width / scale), math.ceil(height / scale)
    columns, rows = math.ceil(level_width / TILE_PX), math.ceil(level_height / TILE_PX)
    widths = [place_of(full, level, column, 0)[1].width_px for column in range(columns)]
    overlaps = 2 * OVERLAP_PX * (columns - 1)
    assert sum(widths) == level_width + overlaps
    box, size = place_of(full, level, columns - 1, rows - 1)
    assert box[0] + box[2] == pytest.approx(width)
    assert box[1] + box[3] == pytest.approx(height)
    assert size.width_px <= TILE_PX + 2 * OVERLAP_PX
    for beyond in ((columns, 0), (0, rows), (-1, 0), (0, -1)):
        with pytest.raises(NotFound):
            place_of(full, level, *beyond)


def test_the_last_level_is_the_image_pixel_for_pixel() -> None:
    box, size = place_of(PixelSize(2220, 2967), 12, 1, 2)
    assert box == (253, 507, 256, 256)
    assert size == PixelSize(256, 256)
    assert place_of(PixelSize(2220, 2967), 0, 0, 0)[1] == PixelSize(1, 1)
    with pytest.raises(NotFound):
        place_of(PixelSize(2220, 2967), 13, 0, 0)
