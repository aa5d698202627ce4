"""Images without tiles: strip TIFF, PNG, JPEG and the like, read as whole arrays."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.model import (
    AssociatedKind,
    Channel,
    FocalPlane,
    Level,
    PixelFormat,
    SlideDescription,
)
from hemalum.formats.wsi.slide import Pixels, Slide, blank
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, PixelSize

MAX_PICTURE_PIXELS = 150_000_000
"""Largest PNG, JPEG, WebP or BMP: these decode only as a whole, so this bounds memory (450 MB)."""

MAX_ARRAY_BYTES = 64 << 30
"""Largest strip TIFF after decoding; it is decoded into a temporary file, not into memory."""

PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
_SHOWN_AS = {
    "uint8": "uint8",
    "uint16": "uint16",
    "float32": "float32",
    "int8": "uint8",
    "int16": "uint16",
    "int32": "uint16",
    "uint32": "uint16",
}
"""Types of samples that are taken, and what they become. Whole numbers that do not fit are refused."""


class ArraySlide(Slide):
    """A slide whose pixels are one array, in memory or mapped from a file, with a single level."""

    def __init__(
        self,
        description: SlideDescription,
        array: NDArray[Any],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """Take an array (planes, channels, height, width, samples) that the description describes."""
        self.description = description
        self._array: NDArray[Any] | None = array
        self._close = close

    @property
    def frame_index(self) -> FrameIndex | None:
        return None

    def read_level(self, level: int, region: PixelRegion, *, plane: int = 0, channel: int = 0) -> Pixels:
        self.check_request(level, region, plane, channel)
        if self._array is None:
            raise Invalid("The slide is closed.")
        out = blank(self.description, region.height_px, region.width_px)
        size = self.description.size
        left, top = max(0, region.x_px), max(0, region.y_px)
        right = min(size.width_px, region.x_px + region.width_px)
        bottom = min(size.height_px, region.y_px + region.height_px)
        if right > left and bottom > top:
            out[top - region.y_px : bottom - region.y_px, left - region.x_px : right - region.x_px] = (
                self._array[plane, channel, top:bottom, left:right]
            )
        return out

    def read_associated(self, kind: AssociatedKind) -> NDArray[np.uint8]:
        raise Invalid(f"This slide has no {kind.value} image.")

    def close(self) -> None:
        self._array = None
        self._close()


def open_picture(path: Path) -> Slide:
    """A PNG, JPEG, WebP or BMP. It states no physical scale: its dots per inch are those of print.

    Raises:
        UnreadableSlide: it is none of these, is damaged, or is too large to decode as a whole.
    """
    try:
        with Image.open(path, formats=PICTURE_FORMATS) as image:
            if image.width * image.height > MAX_PICTURE_PIXELS:
                raise UnreadableSlide(
                    f"{path.name} has {image.width} x {image.height} pixels without tiles;"
                    f" a {image.format} image may have {MAX_PICTURE_PIXELS // 1_000_000} megapixels."
                )
            name, profile = image.format or "", image.info.get("icc_profile")
            pixels = _picture_pixels(image)
    except UnreadableSlide:
        raise
    except Exception as error:
        raise UnreadableSlide(f"{path.name} is damaged or is not a picture.") from error
    height, width, samples = pixels.shape
    description = SlideDescription(
        format=f"plain-{name.lower()}",
        levels=(_only_level(width, height),),
        pixel=PixelFormat(samples, str(pixels.dtype)),
        spacing_um=None,
        channels=(Channel("brightfield" if samples == 3 else "grey"),),
        icc_profile=profile if isinstance(profile, bytes) else None,
    )
    return ArraySlide(description, pixels[np.newaxis, np.newaxis])


def open_strip_tiff(
    path: Path,
    describe: Callable[[SlideDescription, tifffile.TiffPageSeries], SlideDescription] | None = None,
) -> Slide:
    """A TIFF without tiles: its first series, decoded into a temporary file that is mapped.

    Pages along z become planes, samples of RGB stay together, every other axis becomes channels; of a time
    series the first moment is shown. `describe` may complete the description (scale, channel names).

    Raises:
        UnreadableSlide: it is damaged, too large, or has samples of a kind that cannot be shown.
    """
    scratch = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the slide
    try:
        with tifffile.TiffFile(path) as file:
            series = file.series[0]
            _check_series(path, series)
            array, warnings = _five_axes(_unsigned(path, _decoded(series, scratch)), series.axes)
            description = _describe_series(array, warnings)
            if describe is not None:
                description = describe(description, series)
    except UnreadableSlide:
        scratch.close()
        raise
    except Exception as error:
        scratch.close()
        raise UnreadableSlide(f"{path.name} is a damaged TIFF: {_first_line(error)}.") from error
    return ArraySlide(description, array, scratch.close)


def _picture_pixels(image: Image.Image) -> NDArray[Any]:
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))[:, :, np.newaxis]
    if image.mode.startswith("I"):
        return np.asarray(image).astype(np.uint16)[:, :, np.newaxis]
    if "A" in image.getbands() or "transparency" in image.info:
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        white.alpha_composite(image.convert("RGBA"))
        image = white
    return np.asarray(image.convert("RGB"))


def _check_series(path: Path, series: tifffile.TiffPageSeries) -> None:
    if str(series.dtype) not in _SHOWN_AS:
        raise UnreadableSlide(
            f"{path.name} has {series.dtype} samples;"
            " 8 and 16 bit whole numbers and 32 bit floats can be shown."
        )
    if series.nbytes > MAX_ARRAY_BYTES:
        raise UnreadableSlide(f"{path.name} claims {series.nbytes / 1e9:.0f} GB of pixels without tiles.")
    # Compression makes pixels out of nothing only up to a point; what claims more is a bomb.
    if series.nbytes > 2000 * path.stat().st_size + (1 << 20):
        raise UnreadableSlide(f"{path.name} claims far more pixels than its size can hold.")


def _decoded(series: tifffile.TiffPageSeries, scratch: Any) -> NDArray[Any]:
    shape = tuple(series.shape)
    out = np.memmap(scratch, dtype=series.dtype.newbyteorder("="), mode="w+", shape=shape)
    return np.asarray(series.asarray(out=out))


def _unsigned(path: Path, array: NDArray[Any]) -> NDArray[Any]:
    """Signed or wide whole numbers as the unsigned type that holds the same values."""
    target = np.dtype(_SHOWN_AS[str(array.dtype)])
    if target == array.dtype:
        return array
    lowest, highest = int(array.min()), int(array.max())
    if lowest < 0 or highest > np.iinfo(target).max:
        raise UnreadableSlide(
            f"{path.name} has {array.dtype} samples from {lowest} to {highest};"
            " 8 and 16 bit whole numbers without sign can be shown."
        )
    return array.astype(target)


def _five_axes(array: NDArray[Any], axes: str) -> tuple[NDArray[Any], tuple[str, ...]]:
    """(planes, channels, height, width, samples), and what had to be left out."""
    warnings: list[str] = []
    if "T" in axes and array.shape[axes.index("T")] > 1:
        warnings.append(f"Of {array.shape[axes.index('T')]} moments of a time series the first is shown.")
    if "T" in axes:
        array = array.take(0, axis=axes.index("T"))
        axes = axes.replace("T", "")
    if "S" in axes and array.shape[axes.index("S")] not in (3, 4):
        axes = axes.replace("S", "C") if "C" not in axes else axes
    others = [axis for axis in axes if axis not in "ZYXS"]
    order = [axes.index(axis) for axis in ("Z", *others, "Y", "X", "S") if axis in axes]
    array = array.transpose(order)
    planes = array.shape[0] if "Z" in axes else 1
    samples = array.shape[-1] if "S" in axes else 1
    height, width = array.shape[-3:-1] if "S" in axes else array.shape[-2:]
    array = array.reshape(planes, -1, height, width, samples)
    if samples == 4:
        array = array[..., :3]
        warnings.append("The fourth sample of each pixel is not shown.")
    return array, tuple(warnings)


def _describe_series(array: NDArray[Any], warnings: tuple[str, ...]) -> SlideDescription:
    planes, channels, height, width, samples = array.shape
    names = [f"channel {number}" for number in range(1, channels + 1)]
    if samples == 3 and channels == 1:
        names = ["brightfield"]
    return SlideDescription(
        format="strip-tiff",
        levels=(_only_level(width, height),),
        pixel=PixelFormat(samples, str(array.dtype)),
        spacing_um=None,
        planes=tuple(FocalPlane(0.0) for _ in range(planes)),
        channels=tuple(map(Channel, names)),
        warnings=warnings,
    )


def _only_level(width_px: int, height_px: int) -> Level:
    return Level(PixelSize(width_px, height_px), 1.0)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:160]
