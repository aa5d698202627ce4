"""Photographs of specimens: read, turned upright, and written anew without what cameras write beside pixels.

Runs in a confined child process.
"""

import io
from datetime import datetime
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from hemalum.kernel.errors import Invalid

_MOST_PIXELS = 120_000_000
_LONGEST_PX = 6000
_THUMBNAIL_PX = 512
_QUALITY = 90
_FORMATS = ("JPEG", "PNG", "WEBP")
_TAKEN = 36867
"""EXIF DateTimeOriginal (CIPA DC-008); the camera states no zone."""
_EXIF = 0x8769


def clean(content: bytes, printed_px: int) -> dict[str, Any]:
    """A photograph as JPEG without metadata, of 6000 pixels at most, one to print and a small one.

    Returns `photograph`, `printed` (of `printed_px` at most), `thumbnail`, `width_px` and `height_px` of the
    first, and `taken_at`, which the camera states without a zone (ISO 8601), or None.

    Raises:
        Invalid: it is no photograph, or too large.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise _too_large()
            taken_at = _taken_at(opened)
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Invalid("This is no JPEG, PNG or WebP picture, or it is damaged.") from error
    upright.thumbnail((_LONGEST_PX, _LONGEST_PX))
    return {
        "photograph": _jpeg(upright),
        "printed": _jpeg(_smaller(upright, printed_px)),
        "thumbnail": _jpeg(_smaller(upright, _THUMBNAIL_PX)),
        "width_px": upright.width,
        "height_px": upright.height,
        "taken_at": taken_at,
    }


def shrink(content: bytes, longest_px: int) -> bytes:
    """A photograph that `clean` made, as JPEG of so many pixels at most.

    Raises:
        Invalid: it is damaged.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as opened:
            # What is to be small is decoded small.
            opened.draft("RGB", (longest_px, longest_px))
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Invalid("This is no JPEG, PNG or WebP picture, or it is damaged.") from error
    return _jpeg(_smaller(picture, longest_px))


def _too_large() -> Invalid:
    return Invalid("A photograph has at most {most} million pixels.", most=_MOST_PIXELS // 10**6)


def _smaller(picture: Image.Image, longest_px: int) -> Image.Image:
    small = picture.copy()
    small.thumbnail((longest_px, longest_px))
    return small


def _taken_at(picture: Image.Image) -> str | None:
    exif = picture.getexif()
    stated = exif.get_ifd(_EXIF).get(_TAKEN)
    try:
        return datetime.strptime(str(stated), "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007 - none is stated
    except ValueError:
        return None


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
