"""Rectangles of a slide at any size, in memory that does not grow with them; channels mixed to a picture."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.slide import Pixels, Slide
from hemalum.kernel.geometry import PixelRegion, PixelSize

type Mix = Sequence[float]
"""`[red, green, blue, low, high, gamma]`: the colour of a channel at full signal, the samples shown as black
and as full, and the power that the signal between them is raised to."""

_STRIP_PIXELS = 8_000_000
_LANCZOS_SUPPORT = 3


class Scaling:
    """A rectangle in level-0 pixels, resampled to a size, read in strips so that memory stays flat.

    Shrinks with a Lanczos filter from the coarsest level that is fine enough, enlarges bilinearly; a pixel
    for a pixel is a copy. Strips overlap by the support of the filter, so they leave no seams.
    """

    def __init__(self, slide: Slide, box: Sequence[float], size: PixelSize, plane: int) -> None:
        """`box` is left, top, width and height, fractions allowed."""
        self._slide, self._size, self._plane = slide, size, plane
        self._number = slide.best_level(min(box[2] / size.width_px, box[3] / size.height_px))
        level, full = slide.description.levels[self._number], slide.description.size
        fx, fy = full.width_px / level.size.width_px, full.height_px / level.size.height_px
        self._left, self._right = box[0] / fx, (box[0] + box[2]) / fx
        self._top, self._bottom = box[1] / fy, (box[1] + box[3]) / fy
        self._x0, self._x1 = _whole_range(self._left, self._right)
        self._y0, self._y1 = _whole_range(self._top, self._bottom)
        self._step_x = (self._right - self._left) / size.width_px
        self._step_y = (self._bottom - self._top) / size.height_px

    def read(self, channel: int) -> NDArray[Any]:
        """One channel, or RGB: (height, width, samples) in the image's own type."""
        pixel = self._slide.description.pixel
        out = np.empty((self._size.height_px, self._size.width_px, pixel.samples), pixel.dtype)
        for first, last in self._strips():
            out[first:last] = self._strip(first, last, channel)
        return out

    def read_mixed(self, mixes: Sequence[Mix | None]) -> NDArray[np.uint8]:
        """All channels that have a mix, added up: (height, width, 3) RGB."""
        out = np.empty((self._size.height_px, self._size.width_px, 3), np.uint8)
        for first, last in self._strips():
            mixed = np.zeros((last - first, self._size.width_px, 3), np.float32)
            for channel, mix in enumerate(mixes):
                if mix is not None:
                    add_signal(mixed, self._strip(first, last, channel), mix)
            out[first:last] = to_rgb(mixed)
        return out

    def _strips(self) -> Iterator[tuple[int, int]]:
        """Ranges of rows of the result whose source pixels fit into one strip."""
        width = max(self._x1 - self._x0, self._size.width_px)
        rows = max(1, int(_STRIP_PIXELS / width / max(self._step_y, 1e-3)))
        for first in range(0, self._size.height_px, rows):
            yield first, min(self._size.height_px, first + rows)

    def _strip(self, first: int, last: int, channel: int) -> NDArray[Any]:
        upper, lower = self._top + first * self._step_y, self._top + last * self._step_y
        margin = math.ceil(_LANCZOS_SUPPORT * max(self._step_y, 1.0)) + 1
        y0, y1 = _whole_range(upper, lower)
        y0, y1 = max(self._y0, y0 - margin), min(self._y1, y1 + margin)
        region = PixelRegion(self._x0, y0, self._x1 - self._x0, max(1, y1 - y0))
        pixels = self._slide.read_level(self._number, region, plane=self._plane, channel=channel)
        inner = (
            self._left - self._x0,
            upper - y0,
            min(self._right - self._x0, region.width_px),
            min(lower - y0, region.height_px),
        )
        return _resampled(pixels, inner, (self._size.width_px, last - first), self._step_x)


def _whole_range(start: float, end: float) -> tuple[int, int]:
    """The whole pixels that hold a range; at least one, and none for a sliver that rounding made."""
    first = math.floor(start + 1e-6)
    return first, max(first + 1, math.ceil(end - 1e-6))


def _resampled(
    pixels: Pixels, box: tuple[float, float, float, float], size: tuple[int, int], step: float
) -> NDArray[Any]:
    whole = tuple(round(edge) for edge in box)
    is_copy = (whole[2] - whole[0], whole[3] - whole[1]) == size
    if is_copy and all(abs(edge - near) < 1e-3 for edge, near in zip(box, whole, strict=True)):
        return pixels[whole[1] : whole[3], whole[0] : whole[2]]
    method = Image.Resampling.LANCZOS if step >= 1 else Image.Resampling.BILINEAR
    if pixels.dtype == np.uint8 and pixels.shape[2] == 3:
        return np.asarray(Image.fromarray(pixels).resize(size, method, box=box))
    bands = [
        np.asarray(Image.fromarray(pixels[:, :, band].astype(np.float32)).resize(size, method, box=box))
        for band in range(pixels.shape[2])
    ]
    stacked = np.stack(bands, axis=2)
    if np.issubdtype(pixels.dtype, np.integer):
        limits = np.iinfo(pixels.dtype)
        stacked = np.clip(np.rint(stacked), limits.min, limits.max)
    return stacked.astype(pixels.dtype)


def add_signal(mixed: NDArray[np.float32], pixels: NDArray[Any], mix: Mix) -> None:
    """Add one channel in its colour to what is mixed already, (height, width, 3)."""
    red, green, blue, low, high, gamma = mix
    signal = np.clip((pixels[:, :, 0].astype(np.float32) - low) / max(high - low, 1e-9), 0.0, 1.0)
    if gamma != 1:
        signal **= np.float32(gamma)
    mixed += np.nan_to_num(signal)[:, :, None] * np.asarray((red, green, blue), np.float32)


def to_rgb(mixed: NDArray[np.float32]) -> NDArray[np.uint8]:
    """What was mixed, as a picture: colours beyond the brightest are cut off."""
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
