"""One interface to every scanned image, in physical units."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.model import AssociatedKind, SlideDescription
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelRegion, PixelSize, RegionUm

MAX_REGION_PIXELS = 64_000_000
"""Largest region one call returns; larger ones are read in parts by the caller."""

type Pixels = NDArray[Any]
"""(height, width, samples); uint8, uint16 or float32 as `SlideDescription.pixel` says. RGB is in the slide's
own colour space (apply `icc_profile` to show it colour-managed)."""


class Slide(ABC):
    """An open scanned image.

    Level 0 is the finest. Regions may reach past the edge: what lies outside, or was never scanned, is white
    in brightfield and zero elsewhere. Reading from several threads at once is allowed.
    """

    description: SlideDescription

    @property
    @abstractmethod
    def frame_index(self) -> FrameIndex | None:
        """Where each tile lies in the file, or None when the format has no independent tiles."""

    @abstractmethod
    def read_level(self, level: int, region: PixelRegion, *, plane: int = 0, channel: int = 0) -> Pixels:
        """Pixels of one level, (height, width, samples).

        `channel` is 0 for RGB. `region` is in pixels of `level`.

        Raises:
            Invalid: no such level, plane or channel, or the region is empty or too large.
            UnreadableSlide: the stored bytes do not decode.
        """

    @abstractmethod
    def read_associated(self, kind: AssociatedKind) -> NDArray[np.uint8]:
        """A label, macro or thumbnail image, (height, width, 3) RGB.

        Raises:
            Invalid: the slide has none of this kind.
        """

    @abstractmethod
    def close(self) -> None:
        """Release files. Reading afterwards is an error."""

    def read_region(self, region: RegionUm, spacing_um: float, *, plane: int = 0, channel: int = 0) -> Pixels:
        """Pixels of a rectangle on the tissue at the asked resolution, (height, width, samples).

        `spacing_um` is the distance between pixel centres of the result. Its size is the region divided by
        the spacing, rounded to whole pixels.

        Raises:
            NoPhysicalScale: the image states no um/px, or one that nobody has verified.
            Invalid: the region is empty or too large.
        """
        native = self.description.get_measurable_um()
        if spacing_um <= 0:
            raise Invalid("The spacing must be more than 0 um.")
        size = PixelSize(
            max(1, round(region.width_um / spacing_um)), max(1, round(region.height_um / spacing_um))
        )
        return self.read_scaled(
            region.x_um / native.x_um,
            region.y_um / native.y_um,
            region.width_um / native.x_um,
            region.height_um / native.y_um,
            size,
            plane=plane,
            channel=channel,
        )

    def read_scaled(
        self,
        x_px: float,
        y_px: float,
        width_px: float,
        height_px: float,
        size: PixelSize,
        *,
        plane: int = 0,
        channel: int = 0,
    ) -> Pixels:
        """A rectangle given in (fractional) level-0 pixels, resampled to `size`.

        Reads the coarsest level that is at least as fine as asked, then resamples with an antialiasing
        filter (Lanczos for shrinking, bilinear for enlarging; box for whole-number factors).
        """
        if width_px <= 0 or height_px <= 0 or size.width_px <= 0 or size.height_px <= 0:
            raise Invalid("The region is empty.")
        if size.width_px * size.height_px > MAX_REGION_PIXELS:
            raise Invalid("The region is too large to read at once.")
        number = self.best_level(min(width_px / size.width_px, height_px / size.height_px))
        level = self.description.levels[number]
        fx = self.description.size.width_px / level.size.width_px
        fy = self.description.size.height_px / level.size.height_px
        left, top = x_px / fx, y_px / fy
        right, bottom = (x_px + width_px) / fx, (y_px + height_px) / fy
        x0, y0 = int(np.floor(left)), int(np.floor(top))
        x1, y1 = int(np.ceil(right - 1e-9)), int(np.ceil(bottom - 1e-9))
        region = PixelRegion(x0, y0, max(1, x1 - x0), max(1, y1 - y0))
        pixels = self.read_level(number, region, plane=plane, channel=channel)
        box = (left - x0, top - y0, min(right - x0, region.width_px), min(bottom - y0, region.height_px))
        return resample(pixels, box, size)

    def best_level(self, downsample: float) -> int:
        """The coarsest level that still has at least one pixel for each `downsample` level-0 pixels."""
        best = 0
        for number, level in enumerate(self.description.levels):
            if level.downsample <= downsample * 1.01:
                best = number
        return best

    def thumbnail(self, longest_px: int, *, plane: int = 0, channel: int = 0) -> Pixels:
        """The whole image, its longer side `longest_px` (or less, for small images)."""
        size = self.description.size
        scale = min(1.0, longest_px / max(size.width_px, size.height_px))
        target = PixelSize(max(1, round(size.width_px * scale)), max(1, round(size.height_px * scale)))
        return self.read_scaled(0, 0, size.width_px, size.height_px, target, plane=plane, channel=channel)

    def check_request(self, level: int, region: PixelRegion, plane: int, channel: int) -> None:
        """Raise Invalid unless the asked level, plane, channel and region make sense."""
        description = self.description
        if not 0 <= level < len(description.levels):
            raise Invalid(
                "There is no level {level}; the image has {count}.",
                level=level,
                count=len(description.levels),
            )
        if not 0 <= plane < len(description.planes):
            raise Invalid(
                "There is no focal plane {plane}; the image has {count}.",
                plane=plane,
                count=len(description.planes),
            )
        if not 0 <= channel < len(description.channels):
            raise Invalid(
                "There is no channel {channel}; the image has {count}.",
                channel=channel,
                count=len(description.channels),
            )
        if region.width_px <= 0 or region.height_px <= 0:
            raise Invalid("The region is empty.")
        if region.width_px * region.height_px > MAX_REGION_PIXELS:
            raise Invalid("The region is too large to read at once.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def blank(description: SlideDescription, height_px: int, width_px: int) -> Pixels:
    """What an unscanned place looks like: white in brightfield, zero elsewhere."""
    value = 255 if description.is_brightfield else 0
    shape = (height_px, width_px, description.pixel.samples)
    return np.full(shape, value, dtype=description.pixel.dtype)


def resample(pixels: Pixels, box: tuple[float, float, float, float], size: PixelSize) -> Pixels:
    """The part `box` (left, top, right, bottom; fractional pixels) of `pixels`, resampled to `size`."""
    height, width = pixels.shape[:2]
    target = (size.width_px, size.height_px)
    if box == (0.0, 0.0, float(width), float(height)) and target == (width, height):
        return pixels
    shrinking = (box[2] - box[0]) >= size.width_px
    method = Image.Resampling.LANCZOS if shrinking else Image.Resampling.BILINEAR
    if pixels.dtype == np.uint8 and pixels.shape[2] == 3:
        image = Image.fromarray(pixels)
        return np.asarray(image.resize(target, method, box=box, reducing_gap=3.0))
    bands = []
    for sample in range(pixels.shape[2]):
        image = Image.fromarray(pixels[:, :, sample].astype(np.float32))
        bands.append(np.asarray(image.resize(target, method, box=box, reducing_gap=3.0)))
    stacked = np.stack(bands, axis=2)
    if np.issubdtype(pixels.dtype, np.integer):
        limits = np.iinfo(pixels.dtype)
        return np.clip(np.rint(stacked), limits.min, limits.max).astype(pixels.dtype)
    return stacked.astype(pixels.dtype)
