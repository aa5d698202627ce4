"""Pictures without tiles: PNG, JPEG, WebP and BMP, read as whole arrays."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.decode import decode_jpeg_ls
from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.jpeg import read_head
from hemalum.formats.wsi.model import (
    AssociatedKind,
    Channel,
    Level,
    PixelFormat,
    SlideDescription,
)
from hemalum.formats.wsi.slide import Pixels, Slide, blank
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, PixelSize

MAX_PICTURE_PIXELS = 150_000_000
"""Largest picture of these formats: they decode only as a whole, so this bounds memory (450 MB)."""

PICTURE_FORMATS = ("PNG", "JPEG", "JPEG2000", "WEBP", "BMP")
_JPEG_LS_HEAD = b"\xff\xd8\xff\xf7"
"""Start of a JPEG-LS stream (ITU-T T.87); a SPIFF directory may come before it."""
_MAX_JPEG_LS_PIXELS_A_BYTE = 200
"""Tissue takes about half a byte a pixel; what claims this little is damaged or a bomb."""
_HEAD_BYTES = 4096


class ArraySlide(Slide):
    """A slide whose pixels are one array in memory, with a single level."""

    def __init__(self, description: SlideDescription, array: NDArray[Any]) -> None:
        """Take an array (planes, channels, height, width, samples) that the description describes."""
        self.description = description
        self._array: NDArray[Any] | None = array

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
        raise Invalid("This slide has no {kind} image.", kind=kind.words)

    def close(self) -> None:
        self._array = None


def open_picture(path: Path) -> Slide:
    """A PNG, JPEG, JPEG 2000, JPEG-LS, WebP or BMP. It states no physical scale: dots per inch are of print.

    Raises:
        UnreadableSlide: it is none of these, is damaged, or is too large to decode as a whole.
    """
    try:
        name, profile, pixels = _decode_picture(path)
    except UnreadableSlide:
        raise
    except Image.DecompressionBombError as error:
        raise UnreadableSlide(
            "{name} has more than {most} megapixels without tiles.",
            name=path.name,
            most=MAX_PICTURE_PIXELS // 1_000_000,
        ) from error
    except Exception as error:
        raise UnreadableSlide("{name} is damaged or is not a picture.", name=path.name) from error
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


def _decode_picture(path: Path) -> tuple[str, Any, NDArray[Any]]:
    """Name of the format, colour profile, and pixels (height, width, samples)."""
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES).find(_JPEG_LS_HEAD)
    if start >= 0:
        stream = path.read_bytes()[start:]
        frame = read_head(stream).frame
        _check_picture(path, frame.width_px, frame.height_px)
        if frame.width_px * frame.height_px > _MAX_JPEG_LS_PIXELS_A_BYTE * len(stream):
            raise UnreadableSlide("{name} claims far more pixels than its size can hold.", name=path.name)
        pixels = decode_jpeg_ls(stream)
        return "jpeg-ls", None, pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]
    # Pillow warns from 89 megapixels on; the limit here is another.
    quiet = warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning)
    with quiet, Image.open(path, formats=PICTURE_FORMATS) as image:
        _check_picture(path, image.width, image.height)
        return image.format or "", image.info.get("icc_profile"), _picture_pixels(image)


def _check_picture(path: Path, width_px: int, height_px: int) -> None:
    if width_px * height_px > MAX_PICTURE_PIXELS:
        raise UnreadableSlide(
            "{name} has {width} x {height} pixels without tiles; a picture may have {most} megapixels.",
            name=path.name,
            width=width_px,
            height=height_px,
            most=MAX_PICTURE_PIXELS // 1_000_000,
        )


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


def _only_level(width_px: int, height_px: int) -> Level:
    return Level(PixelSize(width_px, height_px), 1.0)
